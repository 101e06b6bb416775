import { onScopeDispose, shallowRef, watch } from 'vue'

import type { Similar } from '@/shared/api/types'

import { calls } from '../api'
import type { ReportDraft } from '../lib/draft'

const PAUSE = 600
const MOST = 3

/** What is asked about a draft; null while too little is known of it. */
export function matterOf(draft: Pick<ReportDraft, 'place' | 'category' | 'description'>): Record<string, string | number> | null {
  const { place, category } = draft
  if (!place || !category) return null
  const where: Record<string, string | number> = place.kind === 'cell' ? { area: place.code } : { lon: place.lon, lat: place.lat }
  return { ...where, category, text: draft.description.trim().slice(0, 200) }
}

/** Open cases that may be the matter being reported. A help only: without a net there are none. */
export function useSimilar(draft: () => ReportDraft) {
  const found = shallowRef<Similar[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function ask(matter: Record<string, string | number> | null): Promise<void> {
    const mine = ++turn
    const rows = matter ? await calls.similar(matter).then((answer) => answer.results, () => []) : []
    if (mine === turn) found.value = rows.slice(0, MOST)
  }
  watch(
    () => JSON.stringify(matterOf(draft())),
    (matter) => {
      clearTimeout(timer)
      timer = setTimeout(() => void ask(JSON.parse(matter) as Record<string, string | number> | null), PAUSE)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return { found }
}
