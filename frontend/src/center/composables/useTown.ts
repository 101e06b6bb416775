import { shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api } from '@/shared/api/client'
import type { Area, Count, Counts, Listing, Water } from '@/shared/api/types'

import { useLoad } from './useLoad'

interface Ground {
  cells: Area[]
  villages: Area[]
  water: Water[]
}

async function areas(level: string, signal: AbortSignal): Promise<Area[]> {
  return (await api.get<Listing<Area>>('areas/', { level, geometry: 1 }, signal)).results
}

/** The ground of the map: what does not change while one looks at it. */
export function useGround() {
  const { locale } = useI18n({ useScope: 'global' })
  const ground = useLoad<Ground>(async (signal) => {
    const [cells, villages, water] = await Promise.all([
      areas('cell', signal),
      areas('village', signal),
      api.get<Listing<Water>>('areas/water/', {}, signal),
    ])
    return { cells, villages, water: water.results }
  })
  watch(locale, () => ground.load(true))
  void ground.load()
  return ground
}

/** Open and overdue per cell. */
export function useCounts() {
  const byCode = shallowRef<ReadonlyMap<string, Count>>(new Map())
  const counts = useLoad<Counts>(async (signal) => {
    const answer = await api.get<Counts>('cases/counts/', { by: 'cell' }, signal)
    byCode.value = new Map(answer.results.map((row) => [row.code, row]))
    return answer
  })
  void counts.load()
  return { byCode, ...counts }
}
