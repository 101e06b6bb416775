import { ref, watch } from 'vue'

import type { Area, Located } from '@/shared/api/types'

import { calls } from '../api'
import { cellAt } from '../lib/cellAt'
import type { Place } from '../lib/draft'
import { hasCode } from '../lib/errors'

export type CellState = 'none' | 'asking' | 'found' | 'outside' | 'unknown'

function foundIn(cells: readonly Area[], { lon, lat }: { lon: number; lat: number }): Found | null {
  const area = cellAt(cells, lon, lat)
  return area ? { area, village: null } : null
}

export type Found = Pick<Located, 'area' | 'village'>

/**
 * The cell a point lies in: at once by the outlines that the phone keeps, then as the server sees it. Without signal the
 * first answer stands. The newest point wins over a late answer.
 */
export function useLocatedCell(place: () => Place | null, cells: () => readonly Area[] = () => [], locate: typeof calls.locate = calls.locate) {
  const state = ref<CellState>('none')
  const located = ref<Found | null>(null)
  let asked = 0

  async function look(): Promise<void> {
    const turn = ++asked
    const now = place()
    located.value = null
    if (now?.kind !== 'point') {
      state.value = 'none'
      return
    }
    const here = foundIn(cells(), now)
    located.value = here
    state.value = here ? 'found' : 'asking'
    const [answer, outcome] = await locate(now.lon, now.lat).then(
      (found) => [found, 'found'] as const,
      (error) => [null, hasCode(error, 'outside_area') ? 'outside' : 'unknown'] as const,
    )
    if (outcome === 'unknown' && here) return
    if (turn !== asked) return
    located.value = answer
    state.value = outcome
  }

  const key = () => {
    const now = place()
    return now?.kind === 'point' ? `${now.lon},${now.lat}` : ''
  }
  watch(key, look, { immediate: true })
  return { state, located, look }
}
