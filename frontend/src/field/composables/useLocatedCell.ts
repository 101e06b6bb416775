import { ref, watch } from 'vue'

import type { Located } from '@/shared/api/types'

import { calls } from '../api'
import type { Place } from '../lib/draft'
import { hasCode } from '../lib/errors'

export type CellState = 'none' | 'asking' | 'found' | 'outside' | 'unknown'

/** The cell a point lies in, as the server sees it. The newest point wins over a late answer. */
export function useLocatedCell(place: () => Place | null, locate: typeof calls.locate = calls.locate) {
  const state = ref<CellState>('none')
  const located = ref<Located | null>(null)
  let asked = 0

  async function look(): Promise<void> {
    const turn = ++asked
    const now = place()
    located.value = null
    if (now?.kind !== 'point') {
      state.value = 'none'
      return
    }
    state.value = 'asking'
    const [answer, outcome] = await locate(now.lon, now.lat).then(
      (found) => [found, 'found'] as const,
      (error) => [null, hasCode(error, 'outside_area') ? 'outside' : 'unknown'] as const,
    )
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
