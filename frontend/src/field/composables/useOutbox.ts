import { computed } from 'vue'

import { useSession } from '@/shared/session'

import { fieldDatabase, type OutboxItem } from '../offline/db'
import { useLive } from '../offline/live'
import { readOutcome } from '../offline/outcomes'
import { itemsOf, toSend } from '../offline/outbox'

/** What this person did on this phone: what waits, what was refused, what has arrived lately. */
export function useOutbox() {
  const { user } = useSession()
  const owner = () => String(user.value?.id ?? '')
  const found = useLive<OutboxItem[] | null>(owner, (database) => itemsOf(database, owner()), null)
  // Where the browser keeps nothing there is nothing unsent.
  void fieldDatabase().then((database) => {
    if (!database) found.value = []
  })
  const items = computed(() => found.value ?? [])
  /** Whether the phone has looked: before that nobody may say that all is sent. */
  const known = computed(() => found.value !== null)
  const unsent = computed(() => toSend(items.value))
  const refused = computed(() => items.value.filter((item) => item.state === 'refused'))
  const decided = computed(() => items.value.filter((item) => item.state === 'conflict' && item.decided))

  async function read(id: string): Promise<void> {
    const database = await fieldDatabase()
    if (database) await readOutcome(database, id)
  }

  return { items, known, unsent, refused, decided, read, count: computed(() => unsent.value.length) }
}
