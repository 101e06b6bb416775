import { computed, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api } from '@/shared/api/client'
import type { Area, Listing, Water } from '@/shared/api/types'

import { useLoad } from '../../composables/useLoad'
import { buildTree } from '../tree'

interface Areas {
  towns: Area[]
  villages: Area[]
  cells: Area[]
  water: Water[]
}

/** The areas of a day (today without one), with their outlines, and the tree they make. */
export function useAreas(on: () => string | null) {
  const { locale } = useI18n({ useScope: 'global' })
  async function level(name: string, geometry: 0 | 1, signal: AbortSignal): Promise<Area[]> {
    return (await api.get<Listing<Area>>('areas/', { level: name, geometry, on: on() }, signal)).results
  }
  const areas = useLoad<Areas>(async (signal) => {
    const [towns, villages, cells, water] = await Promise.all([
      level('town', 0, signal),
      level('village', 1, signal),
      level('cell', 1, signal),
      api.get<Listing<Water>>('areas/water/', {}, signal),
    ])
    return { towns, villages, cells, water: water.results }
  })
  watch([on, locale], () => areas.load(true))
  void areas.load()
  const all = computed(() => (areas.value.value ? [...areas.value.value.towns, ...areas.value.value.villages, ...areas.value.value.cells] : []))
  return { ...areas, all, tree: computed(() => buildTree(all.value)) }
}
