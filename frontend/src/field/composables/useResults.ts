import { computed, ref } from 'vue'

import type { CaseEvent, CaseRow } from '@/shared/api/types'
import { useSession } from '@/shared/session'

import { ENDED } from '../lib/states'
import type { HeldCase } from '../offline/db'

const ENDED_ACTS = ['close', 'reject', 'merge', 'transfer', 'cancel'] as const
const KEY = 'wangge.results.'

export interface Result {
  row: CaseRow
  /** The key of its sentence. */
  sentence: string
  words: string
  /** Whether the reporter may still say that it is not solved. */
  mayDoubt: boolean
}

function seenBefore(owner: string): Set<number> {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY + owner) ?? '[]') as number[])
  } catch {
    return new Set()
  }
}

function ending(events: readonly CaseEvent[]): CaseEvent | undefined {
  return [...events].reverse().find((event) => ENDED_ACTS.some((act) => act === event.act))
}

/** What was done, in the words of whoever handled it; else why it ended. */
function wordsOf(events: readonly CaseEvent[]): string {
  const last = ending(events)
  const feedback = [...events].reverse().find((event) => event.act === 'feedback')
  return (last?.act === 'close' ? feedback?.text || last.text : last?.text) ?? ''
}

function resultOf({ detail, events }: HeldCase): Result {
  const sentence = detail.state === 'closed' || detail.state === 'archived' ? `outcome.${detail.outcome ?? 'solved'}` : `state.${detail.state}`
  return { row: detail, sentence, words: wordsOf(events), mayDoubt: detail.acts.some((act) => act.act === 'follow_up') }
}

/** What became of one's own reports, until it was read. */
export function useResults(held: () => readonly HeldCase[]) {
  const { user } = useSession()
  const owner = String(user.value?.id ?? '')
  const seen = ref(seenBefore(owner))

  const results = computed(() =>
    held()
      .filter(({ detail }) => ENDED.includes(detail.state) && detail.reporter.id === user.value?.id && !seen.value.has(detail.id))
      .filter(({ events }) => ending(events) && ending(events)!.actor?.id !== user.value?.id)
      .map(resultOf),
  )

  function read(id: number): void {
    seen.value = new Set([...seen.value, id])
    try {
      localStorage.setItem(KEY + owner, JSON.stringify([...seen.value].slice(-500)))
    } catch {
      // It is shown once more next time.
    }
  }

  return { results, read }
}
