import type { PatrolArea } from '@/shared/api/types'
import { newId } from '@/shared/newId'

import { ASKS_AFTER, endOf, heard, LONGEST, type Reading, type Round } from '../lib/round'

import { note, type FieldDatabase, type OutboxItem } from './db'
import { keep } from './outbox'
import { MOST_POINTS, patrolLane } from './patrolKinds'
import type { Synced } from './sync'

/** So many points go together while a round is walked: half an hour of them. */
const CHUNK = 60
/** Less than this the clocks are the same, and the difference is the net's. */
const CLOCK_ERROR = 60_000

export const roundOf = (database: FieldDatabase, owner: string): Promise<Round | undefined> => database.rounds.where('owner').equals(owner).first()

const pointsOf = (database: FieldDatabase, round: Round) => database.points.where('patrol').equals(round.id)

/** By the server's clock: it refuses what is still to come. */
const told = (round: Pick<Round, 'clockOff'>, at: number) => new Date(at + round.clockOff).toISOString()

/** One thing of a round, on its way to the server; all of them say when the round began. */
function itemOf(round: Round, kind: string, said: Record<string, unknown>, more: Partial<Pick<OutboxItem, 'id' | 'title'>> = {}) {
  const body = { ...said, started_at: told(round, round.startedAt) }
  return { id: newId(), owner: round.owner, kind, lane: patrolLane(round.id), title: round.name, body, ...more }
}

/** All or nothing, over every table that the outbox may touch. */
function inOneStep<Value>(database: FieldDatabase, work: () => Promise<Value>): Promise<Value> {
  return database.transaction('rw', database.tables, work)
}

async function clockOff(database: FieldDatabase, owner: string): Promise<number> {
  const off = (await note<Synced>(database, `synced:${owner}`))?.clockOff ?? 0
  return Math.abs(off) > CLOCK_ERROR ? off : 0
}

const NOWHERE = { id: null, name: '', reach_metres: 0, check_points: [] }

function newRound(owner: string, area: PatrolArea | null, clockOff: number): Round {
  const { id, name, reach_metres: reachMetres, check_points: spots } = area ?? NOWHERE
  const now = Date.now()
  return {
    id: newId(),
    owner,
    area: id,
    name,
    startedAt: now,
    heardAt: now,
    askAt: now + ASKS_AFTER,
    reachMetres,
    spots: spots.map(({ id, name, lon, lat }) => ({ id, name, lon, lat })),
    checks: {},
    gaps: [],
    last: null,
    clockOff,
  }
}

/** Starts a round, and notes for the server that it began; the one that is being walked, if there is one. */
export async function startRound(database: FieldDatabase, owner: string, area: PatrolArea | null): Promise<Round> {
  const round = newRound(owner, area, await clockOff(database, owner))
  return inOneStep(database, async () => {
    const walked = await roundOf(database, owner)
    if (walked) return walked
    await database.rounds.add(round)
    await keep(database, [itemOf(round, 'patrol', { client_id: round.id, patrol_area: round.area }, { id: round.id })])
    return round
  })
}

/** Writes down what the position says, in the moment in which it comes; null if no round wants it. */
export function record(database: FieldDatabase, owner: string, reading: Reading): Promise<Round | null> {
  return database.transaction('rw', database.rounds, database.points, async () => {
    const round = await roundOf(database, owner)
    if (!round || reading.at >= round.askAt) return null
    const next = heard(round, reading)
    if (next === round) return round
    await database.rounds.put(next)
    if (next.last !== round.last) await database.points.add({ owner, patrol: round.id, ...reading })
    return next
  })
}

/** Gives the server a part of a long round; whether there was enough for one. */
export async function sendPart(database: FieldDatabase, round: Round): Promise<boolean> {
  if ((await pointsOf(database, round).count()) < CHUNK) return false
  await inOneStep(database, () => pack(database, round))
  return true
}

/** What was written down goes to the outbox, as many points as the server takes at once. */
async function pack(database: FieldDatabase, round: Round): Promise<void> {
  const points = await pointsOf(database, round).sortBy('at')
  const rows = points.map(({ lon, lat, accuracy, at }) => ({ lon: degrees(lon), lat: degrees(lat), accuracy_m: Math.round(accuracy), at: told(round, at) }))
  for (let start = 0; start < rows.length; start += MOST_POINTS) {
    await keep(database, [itemOf(round, 'patrol_points', { points: rows.slice(start, start + MOST_POINTS), datum: 'WGS-84' })])
  }
  await pointsOf(database, round).delete()
}

/** To a tenth of a metre; more digits would claim what no phone knows. */
const degrees = (value: number) => Math.round(value * 1e6) / 1e6

/** Ticks a check-point by hand, or takes such a tick back: the server hears of it with the stop. */
export function tickByHand(database: FieldDatabase, owner: string, spot: number): Promise<void> {
  return inOneStep(database, async () => {
    const round = await roundOf(database, owner)
    if (!round) return
    const { [spot]: before, ...checks } = round.checks
    if (before && !before.byHand) return
    await database.rounds.update(round.id, { checks: before ? checks : { ...checks, [spot]: { at: Date.now(), byHand: true } } })
  })
}

/** Somebody says that it still goes on. */
export async function goOn(database: FieldDatabase, owner: string): Promise<void> {
  const round = await roundOf(database, owner)
  if (round) await database.rounds.update(round.id, { askAt: Math.min(Date.now() + ASKS_AFTER, round.startedAt + LONGEST) })
}

/** Ends the round: points, ticks and stop stand in the outbox in this order, and the round itself is gone. */
export function stopRound(database: FieldDatabase, owner: string): Promise<number | null> {
  return inOneStep(database, async () => {
    const round = await roundOf(database, owner)
    if (!round) return null
    const end = endOf(round, Date.now())
    await pack(database, round)
    const ticks = Object.entries(round.checks).map(([id, { at, byHand }]) => {
      const title = round.spots.find((spot) => spot.id === Number(id))?.name ?? round.name
      return itemOf(round, 'patrol_tick', { check_point: Number(id), at: told(round, Math.min(at, end)), by_hand: byHand }, { title })
    })
    await keep(database, [...ticks, itemOf(round, 'patrol_stop', { stopped_at: told(round, end) })])
    await database.rounds.delete(round.id)
    return end
  })
}
