import { computed } from 'vue'

import { api } from '@/shared/api/client'
import type { Area, Listing } from '@/shared/api/types'

import { useLoad } from '../../composables/useLoad'
import type { AreaPeople, AreaPost } from '../contract'

/** Who could stand in: the workers of the village's other cells and its backups, each once. */
export function useSubstitutes(village: string, except: number) {
  const posts = useLoad<AreaPost[]>(async (signal) => {
    const cells = await api.get<Listing<Area>>('areas/', { level: 'cell', within: village }, signal)
    const people = await Promise.all(cells.results.map((cell) => api.get<AreaPeople>(`areas/${cell.code}/people/`, {}, signal)))
    return people.flatMap((one) => one.posts)
  })
  void posts.load()
  const candidates = computed(() => {
    const workers = (posts.value.value ?? []).filter((post) => post.role === 'grid_worker' && post.person.id !== except)
    return [...new Map(workers.map((post) => [post.person.id, { id: post.person.id, name: post.person.name, area: post.area.name }])).values()]
  })
  return { candidates, loading: posts.loading }
}
