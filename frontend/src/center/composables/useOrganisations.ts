import { computed } from 'vue'

import { api } from '@/shared/api/client'
import type { Listing, Organisation } from '@/shared/api/types'

import { useLoad } from './useLoad'

export function useOrganisations() {
  const { value, load } = useLoad<Listing<Organisation>>((signal) => api.get('organisations/', {}, signal))
  return { organisations: computed(() => value.value?.results ?? []), load }
}
