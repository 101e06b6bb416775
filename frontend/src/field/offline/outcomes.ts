import { calls } from '../api'

import type { FieldDatabase, OutboxItem } from './db'
import { itemsOf } from './outbox'
import { fits } from './room'

const AGAIN = 10 * 60_000

/** What came too late and of which this phone does not know yet what was decided. */
const undecided = (item: OutboxItem) => item.state === 'conflict' && !item.decided && item.caseId !== null && item.nextAt <= Date.now()

/** Asks what was decided, also of cases that this person may not see any more: they read their own and the outcome. */
export async function askOutcomes(database: FieldDatabase, owner: string): Promise<void> {
  const waiting = (await itemsOf(database, owner)).filter(undecided)
  for (const caseId of new Set(waiting.map((item) => item.caseId!))) {
    const told = await calls.conflicts(caseId).catch(() => null)
    for (const item of waiting.filter((one) => one.caseId === caseId)) {
      const one = told?.results.find((conflict) => conflict.client_id === item.id)
      if (!one || one.state === 'open') await fits(database.outbox.update(item.seq!, { nextAt: Date.now() + AGAIN }))
      else await fits(database.outbox.update(item.seq!, { decided: { state: one.state, words: one.words, by: one.decided_by?.name ?? '' }, doneAt: Date.now() }))
    }
  }
}

/** Its author has read it: it leaves the phone like everything that has arrived. */
export async function readOutcome(database: FieldDatabase, id: string): Promise<void> {
  await database.outbox.where('id').equals(id).modify({ state: 'done', doneAt: Date.now() })
}
