import { shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api } from '@/shared/api/client'
import type { CaseDetail, CaseEvent, Listing } from '@/shared/api/types'

import { useLoad } from './useLoad'

/** One case and its history, fetched together so that the two never tell different stories. */
export function useCase(id: () => number) {
  const { locale } = useI18n({ useScope: 'global' })
  const detail = shallowRef<CaseDetail | null>(null)
  const events = shallowRef<CaseEvent[]>([])
  const both = useLoad(async (signal) => {
    const [row, history] = await Promise.all([
      api.get<CaseDetail>(`cases/${id()}/`, {}, signal),
      api.get<Listing<CaseEvent>>(`cases/${id()}/events/`, {}, signal),
    ])
    detail.value = row
    events.value = history.results
    return row
  })
  watch(id, () => {
    detail.value = null
    void both.load()
  }, { immediate: true })
  watch(locale, () => both.load(true))
  return { detail, events, loading: both.loading, error: both.error, gone: both.gone, load: both.load }
}
