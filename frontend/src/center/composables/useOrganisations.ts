import { computed } from 'vue'

import { api } from '@/shared/api/client'
import type { Listing, Organisation } from '@/shared/api/types'

import { useLoad } from './useLoad'

export function useOrganisations() {
  const { value, load } = useLoad<Listing<Organisation>>((signal) => api.get('organisations/', {}, signal))
  // Most work goes to the town's units; the villages' own committees, one per village, come after them.
  const rank = (one: Organisation) => (one.kind === 'committee' ? 1 : 0)
  return { organisations: computed(() => [...(value.value?.results ?? [])].sort((a, b) => rank(a) - rank(b))), load }
}
