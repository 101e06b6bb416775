import type { FieldDatabase, OutboxItem } from './db'
import { kindOf, type Outcome } from './kinds'
import { fits } from './room'

interface Arrival {
  item: OutboxItem
  outcome: Outcome
}
type Note = (database: FieldDatabase, item: OutboxItem, outcome: Outcome) => Promise<unknown>

/**
 * What arrived while the phone had no room to note that. It is known as long as the app is open; after that it is sent
 * once more with the same id, which doubles nothing.
 */
const unnoted = new Map<string, Arrival>()

const detailsOf = (lane: string) => [...unnoted.values()].flatMap(({ item, outcome }) => (item.lane === lane && outcome.detail ? [outcome.detail] : []))

/** What was built upon it is sent as if it had been told. */
function asTold(item: OutboxItem): OutboxItem {
  const before = item.after ? unnoted.get(item.after)?.outcome.detail : undefined
  const body = before ? { ...item.body, version: before.version } : item.body
  return { ...item, body, caseId: item.caseId ?? detailsOf(item.lane)[0]?.id ?? null }
}

/** What stands in the store, together with what could not be written there. */
export function asKnown(items: OutboxItem[]): OutboxItem[] {
  if (!unnoted.size) return items
  return items.map((item): OutboxItem => {
    const arrival = unnoted.get(item.id)
    if (!arrival) return asTold(item)
    return { ...item, state: arrival.outcome.conflict ? 'conflict' : 'done' }
  })
}

/** To delete takes no room: what nothing waits for goes, so that it is neither sent again nor counted as unsent. */
async function letGo(database: FieldDatabase, { lane, owner }: OutboxItem): Promise<void> {
  const items = asKnown(await database.outbox.where('lane').equals(lane).toArray()).filter((item) => item.owner === owner)
  const open = items.some((item) => item.state === 'waiting' || item.state === 'refused')
  const gone = items.filter((item) => unnoted.has(item.id) && item.state === 'done' && !(open && kindOf(item.kind).leads))
  await database.transaction('rw', database.outbox, database.blobs, async () => {
    await database.outbox.bulkDelete(gone.map((item) => item.seq!))
    await database.blobs.bulkDelete(gone.map((item) => item.id))
  })
  for (const item of gone) unnoted.delete(item.id)
}

/** Notes that something arrived; without room for that, remembers it. */
export async function noteOrRemember(database: FieldDatabase, item: OutboxItem, outcome: Outcome, note: Note): Promise<void> {
  if (await fits(note(database, item, outcome))) return
  unnoted.set(item.id, { item, outcome })
  await letGo(database, item)
}

/** Perhaps there is room again. */
export async function noteTheRest(database: FieldDatabase, owner: string, note: Note): Promise<void> {
  for (const { item, outcome } of [...unnoted.values()].filter((arrival) => arrival.item.owner === owner)) {
    if (!(await fits(note(database, item, outcome)))) return
    unnoted.delete(item.id)
  }
}
