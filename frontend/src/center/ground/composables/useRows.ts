import { watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, type Query } from '@/shared/api/client'
import type { Listing } from '@/shared/api/types'

import { useLoad } from '../../composables/useLoad'

/** The rows of one list, read anew when what they are asked by or the language changes; never by whom they would be refused. */
export function useRows<Row>(path: string, query: () => Query = () => ({}), wanted: () => boolean = () => true) {
  const { locale } = useI18n({ useScope: 'global' })
  const rows = useLoad<Listing<Row>>((signal) => api.get(path, query(), signal))
  watch(() => [JSON.stringify(query()), locale.value], () => wanted() && void rows.load(), { immediate: true })
  return rows
}
