import { computed } from 'vue'

import { api } from '@/shared/api/client'
import type { Listing, SavedView } from '@/shared/api/types'

import { useLoad } from './useLoad'
import { apiQuery, DEFAULTS, type Filters, toQuery } from './useQueue'

/** A view as the filters of this page; null when it asks for more than they can show. */
export function filtersOfView(query: Record<string, string>): Filters | null {
  const { open, overdue, mine, state, ...rest } = query
  const known = { ...DEFAULTS, state: state ?? (open === 'true' ? 'open' : 'all'), overdue: overdue === 'true', mine: mine === 'true', ...rest }
  const extra = Object.keys(known).filter((name) => !(name in DEFAULTS))
  return extra.length || (open && open !== 'true') || (state && open) ? null : known
}

/** The filters as the server keeps them: only what was chosen. */
export function viewQuery(filters: Filters): Record<string, string> {
  const pairs = Object.entries(apiQuery(filters, null)).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
}

/** Lists kept under a name: one's own, and those shared with one's units. */
export function useViews(current: () => Filters) {
  const { value, load } = useLoad<Listing<SavedView>>((signal) => api.get('saved-views/', {}, signal))
  void load()
  const here = computed(() => JSON.stringify(toQuery(current())))
  const views = computed(() =>
    (value.value?.results ?? []).flatMap((view) => {
      const filters = filtersOfView(view.query)
      return filters ? [{ ...view, to: toQuery(filters), active: JSON.stringify(toQuery(filters)) === here.value }] : []
    }),
  )
  async function save(name: string, organisation: number | null): Promise<void> {
    await api.post<SavedView>('saved-views/', { name, query: viewQuery(current()), organisation })
    await load(true)
  }
  async function drop(id: number): Promise<void> {
    await api.remove(`saved-views/${id}/`)
    await load(true)
  }
  return { views, save, drop }
}
