import { computed, ref, shallowRef } from 'vue'

import type { CaseRow } from '@/shared/api/types'
import { wantedWords } from '@/shared/standing'

import { calls } from '../api'

/** More than these wait in the ordinary list: what was asked is read case by case. */
const MOST = 5

/** The cases that came back for information, the earliest due first, each with what was asked. */
export function useWanted() {
  const rows = shallowRef<CaseRow[]>([])
  const words = ref<Record<number, string>>({})
  let turn = 0

  async function ask(row: CaseRow): Promise<void> {
    try {
      const events = (await calls.caseEvents(String(row.id))).results
      words.value = { ...words.value, [row.id]: wantedWords(row.state, events) ?? '' }
    } catch {
      // The card stands without the words; the case page says them.
    }
  }

  /** A failure leaves what was shown: the list below tells that the network is gone. */
  async function reload(): Promise<void> {
    const mine = ++turn
    try {
      const page = await calls.cases({ mine: true, state: 'draft', ordering: 'due_at' }, null)
      if (mine !== turn) return
      rows.value = page.results.slice(0, MOST)
      await Promise.all(rows.value.map(ask))
    } catch {
      // As above.
    }
  }

  const ids = computed(() => rows.value.map((row) => row.id))
  return { rows, words, ids, reload }
}
