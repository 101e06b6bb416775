import { computed, watch } from 'vue'
import { type LocationQuery, useRoute, useRouter } from 'vue-router'

import { api, type Query } from '@/shared/api/client'
import type { CaseRow, Page } from '@/shared/api/types'

import { useLoad } from './useLoad'

export interface Filters {
  /** "open" (all that is not ended), "all", or one state. */
  state: string
  category: string
  area: string
  overdue: boolean
  mine: boolean
  /** Something done without signal came too late and waits for a decision. */
  conflict: boolean
  q: string
  ordering: string
}

export const DEFAULTS: Filters = { state: 'open', category: '', area: '', overdue: false, mine: false, conflict: false, q: '', ordering: 'due_at' }
export const ORDERINGS = ['due_at', '-due_at', 'reported_at', '-reported_at'] as const

function word(query: LocationQuery, key: keyof Filters): string {
  const value = query[key]
  return typeof value === 'string' ? value : String(DEFAULTS[key])
}

/** The address bar is the only memory of the filters: a link to a filtered queue can be sent to a colleague. */
export function filtersFrom(query: LocationQuery): Filters {
  return {
    state: word(query, 'state'),
    category: word(query, 'category'),
    area: word(query, 'area'),
    overdue: query.overdue === 'true',
    mine: query.mine === 'true',
    conflict: query.conflict === 'true',
    q: word(query, 'q'),
    ordering: word(query, 'ordering'),
  }
}

export function toQuery(filters: Filters): Record<string, string> {
  const changed = (Object.keys(filters) as (keyof Filters)[]).filter((key) => filters[key] !== DEFAULTS[key])
  return Object.fromEntries(changed.map((key) => [key, String(filters[key])]))
}

export function apiQuery(filters: Filters, cursor: string | null): Query {
  const { state, overdue, mine, conflict, ...rest } = filters
  return {
    ...rest,
    open: state === 'open' ? true : null,
    state: state === 'open' || state === 'all' ? null : state,
    overdue: overdue || null,
    mine: mine || null,
    conflict: conflict || null,
    cursor,
  }
}

export function useQueue() {
  const route = useRoute()
  const router = useRouter()
  const filters = computed(() => filtersFrom(route.query))
  const cursor = computed(() => (typeof route.query.cursor === 'string' ? route.query.cursor : null))
  const page = useLoad<Page<CaseRow>>((signal) => api.get('cases/', apiQuery(filters.value, cursor.value), signal))

  function change(patch: Partial<Filters>): void {
    // Another filter starts at its own first page: a cursor belongs to the list it came from.
    void router.push({ query: toQuery({ ...filters.value, ...patch }) })
  }
  function turn(to: string | null): void {
    if (to) void router.push({ query: { ...toQuery(filters.value), cursor: to } })
  }
  watch(
    () => (route.name === 'queue' ? JSON.stringify(route.query) : null),
    (query) => {
      if (query !== null) void page.load()
    },
    { immediate: true },
  )
  const filtered = computed(() => Object.keys(toQuery(filters.value)).some((key) => key !== 'ordering'))
  return { filters, filtered, change, turn, ...page }
}
