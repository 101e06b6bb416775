import { ref, shallowRef } from 'vue'

import type { CaseRow } from '@/shared/api/types'

import { calls, type CaseQuery } from '../api'

/** A keyset-paged list: `reload` starts anew, `more` follows the server's cursor. */
export function useCaseList(query: () => CaseQuery) {
  const rows = shallowRef<CaseRow[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const loaded = ref(false)
  const error = shallowRef<unknown>(null)
  let turn = 0

  async function load(cursor: string | null): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = null
    try {
      const page = await calls.cases(query(), cursor)
      if (mine !== turn) return
      rows.value = cursor ? withoutRepeats(rows.value, page.results) : page.results
      next.value = page.next
      loaded.value = true
    } catch (failure) {
      if (mine === turn) error.value = failure
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  const reload = () => load(null)
  const more = async () => {
    if (next.value && !loading.value) await load(next.value)
  }
  function clear(): void {
    rows.value = []
    next.value = null
    loaded.value = false
  }

  return { rows, next, loading, loaded, error, reload, more, clear }
}

/** A case that moved between two pages must not stand in the list twice. */
function withoutRepeats(shown: CaseRow[], added: CaseRow[]): CaseRow[] {
  const known = new Set(shown.map((row) => row.id))
  return [...shown, ...added.filter((row) => !known.has(row.id))]
}
