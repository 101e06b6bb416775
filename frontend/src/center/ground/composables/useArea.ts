import { watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api } from '@/shared/api/client'

import { useLoad } from '../../composables/useLoad'
import type { AreaDetail, AreaPeople } from '../contract'

/** One area with its history, and who answers for it; both belong to the panel beside the map. */
export function useArea(code: () => string | null, on: () => string | null) {
  const { locale } = useI18n({ useScope: 'global' })
  const detail = useLoad<AreaDetail>((signal) => api.get(`areas/${code()}/`, { on: on() }, signal))
  const people = useLoad<AreaPeople>((signal) => api.get(`areas/${code()}/people/`, {}, signal))
  function load(): void {
    if (!code()) return
    void detail.load()
    void people.load()
  }
  watch([code, on, locale], load, { immediate: true })
  return { detail, people, load }
}
