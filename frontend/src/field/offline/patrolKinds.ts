import { calls } from '../api'

import type { OutboxItem } from './db'
import { registerKind, type Outcome } from './kinds'

/** What the server takes at once. */
export const MOST_POINTS = 500

const LANE = 'patrol:'
export const patrolLane = (clientId: string) => LANE + clientId
const patrolOf = (item: OutboxItem) => item.lane.slice(LANE.length)

/** Long enough for the server to have ended a round whose stop it did not get, whatever the phone's clock says. */
const LONG_AGO = 12 * 3_600_000

/**
 * The server ends a forgotten round at the last point it got, and takes nothing later. Told a later end it takes what
 * lies before: so a round that comes in days after it was walked loses nothing.
 */
async function reach(item: OutboxItem, at: string): Promise<void> {
  const startedAt = String(item.body.started_at)
  if (Date.now() - Date.parse(startedAt) > LONG_AGO) await calls.stopPatrol(patrolOf(item), { stopped_at: at })
}

function register(name: string, leads: boolean, send: (item: OutboxItem) => Promise<unknown>, more: { fleeting?: boolean } = {}): void {
  registerKind(name, { leads, bytes: false, ...more, send: async (item): Promise<Outcome> => (await send(item), {}) })
}

register('patrol', true, (item) => calls.startPatrol(item.body as never))

register(
  'patrol_points',
  true,
  async (item) => {
    const { points, datum } = item.body as { points: { at: string }[]; datum: string }
    await reach(item, points.at(-1)!.at)
    await calls.patrolPoints(patrolOf(item), { points, datum } as never)
  },
  // Where somebody was stays on the phone no longer than it has to.
  { fleeting: true },
)

// A tick that is refused (the check-point is gone meanwhile) must not keep the round from ending.
register('patrol_tick', false, async (item) => {
  const { started_at: _, ...tick } = item.body as { started_at: string; at: string }
  await reach(item, tick.at)
  await calls.patrolTick(patrolOf(item), tick as never)
})

register('patrol_stop', true, (item) => calls.stopPatrol(patrolOf(item), { stopped_at: String(item.body.stopped_at) }))
