import { computed } from 'vue'

import { useSession } from '@/shared/session'

import { fieldDatabase, type OutboxItem } from '../offline/db'
import { useLive } from '../offline/live'
import { readOutcome } from '../offline/outcomes'
import { itemsOf, unsentOf } from '../offline/outbox'

/** What this person did on this phone: what waits, what was refused, what has arrived lately. */
export function useOutbox() {
  const { user } = useSession()
  const owner = () => String(user.value?.id ?? '')
  const items = useLive<OutboxItem[]>(owner, (database) => itemsOf(database, owner()), [])
  const unsent = computed(() => unsentOf(items.value).filter((item) => item.state !== 'conflict'))
  const refused = computed(() => items.value.filter((item) => item.state === 'refused'))
  const decided = computed(() => items.value.filter((item) => item.state === 'conflict' && item.decided))

  async function read(id: string): Promise<void> {
    const database = await fieldDatabase()
    if (database) await readOutcome(database, id)
  }

  return { items, unsent, refused, decided, read, count: computed(() => unsent.value.length) }
}
