import { ref, shallowRef } from 'vue'

import { api } from '@/shared/api/client'
import type { CaseRow, Page } from '@/shared/api/types'

import { useLoad } from './useLoad'

// A thousand markers. More say nothing on a map; the cells' colours still count every case.
const PAGE = 200
const MAX_PAGES = 5

export async function fetchOpen(bbox: string | null, signal: AbortSignal): Promise<{ rows: CaseRow[]; capped: boolean }> {
  const rows: CaseRow[] = []
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer: Page<CaseRow> = await api.get<Page<CaseRow>>('cases/', { open: true, ordering: 'due_at', limit: PAGE, bbox, cursor }, signal)
    rows.push(...answer.results)
    cursor = answer.next
    if (!cursor) return { rows, capped: false }
  }
  return { rows, capped: true }
}

/** Markers: the whole town while it fits under the cap, else what the map shows. */
export function useMapCases() {
  const rows = shallowRef<CaseRow[]>([])
  const capped = ref(false)
  const bbox = ref<string | null>(null)
  const cases = useLoad(async (signal) => {
    const answer = await fetchOpen(bbox.value, signal)
    rows.value = answer.rows
    capped.value = answer.capped || (bbox.value !== null && capped.value)
    return answer
  })
  function moved(to: string): void {
    if (!capped.value) return
    bbox.value = to
    void cases.load(true)
  }
  void cases.load()
  return { rows, capped, moved, load: cases.load, error: cases.error }
}
