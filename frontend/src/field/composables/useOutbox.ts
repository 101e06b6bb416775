import { computed } from 'vue'

import { useSession } from '@/shared/session'

import type { OutboxItem } from '../offline/db'
import { useLive } from '../offline/live'
import { itemsOf, unsentOf } from '../offline/outbox'

/** What this person did on this phone: what waits, what was refused, what has arrived lately. */
export function useOutbox() {
  const { user } = useSession()
  const owner = () => String(user.value?.id ?? '')
  const items = useLive<OutboxItem[]>(owner, (database) => itemsOf(database, owner()), [])
  const unsent = computed(() => unsentOf(items.value).filter((item) => item.state !== 'conflict'))
  const refused = computed(() => items.value.filter((item) => item.state === 'refused'))
  return { items, unsent, refused, count: computed(() => unsent.value.length) }
}
