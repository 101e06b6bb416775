import { metresBetween, type LonLat } from './nearness'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** One point at most in this time (milliseconds, as all times here). */
export const SPACING = 30_000
/** Of somebody who has not moved so far, one point in this time: what the server would drop is not kept here either. */
const STANDING = 5 * MINUTE
const STANDING_METRES = 10
/** Worse than this a position names neither a cell nor a check-point. */
export const POOR_METRES = 100
/** Silence longer than this is told. */
const GAP = 2 * MINUTE
/** After this the phone asks whether the round still goes on. */
export const ASKS_AFTER = 12 * HOUR
/** No round is longer: the server ends it by then. */
export const LONGEST = 24 * HOUR

/** A position as the browser told it. */
export interface Reading extends LonLat {
  accuracy: number
  at: number
}
export interface Spot extends LonLat {
  id: number
  name: string
}
export interface Check {
  at: number
  byHand: boolean
}
export interface Gap {
  from: number
  to: number
}

/** A round that is being walked. There is none before its start, and none after its stop. */
export interface Round {
  id: string
  owner: string
  /** The patrol area, if one was chosen. */
  area: number | null
  name: string
  startedAt: number
  /** When the browser last told a usable position; at first the start. */
  heardAt: number
  /** From then on nothing is noted before somebody says that it still goes on. */
  askAt: number
  reachMetres: number
  spots: Spot[]
  /** By the ids of the spots. */
  checks: Record<number, Check>
  gaps: Gap[]
  /** The point written down last. */
  last: Reading | null
  /** By how much the server's clock is ahead of this phone's. */
  clockOff: number
}

/** Whether a position is written down beside the last one that was. */
export function isKept(reading: Reading, last: Reading | null): boolean {
  if (reading.accuracy > POOR_METRES) return false
  if (!last) return true
  // A clock that was set back must not end the record.
  const waited = Math.abs(reading.at - last.at)
  if (waited < SPACING) return false
  return waited >= STANDING || metresBetween(reading, last) >= STANDING_METRES
}

const gapBefore = (round: Round, at: number): Gap[] => (at - round.heardAt > GAP ? [{ from: round.heardAt, to: at }] : [])

function checksAt(round: Round, reading: Reading): Record<number, Check> {
  const near = round.spots.filter((spot) => !round.checks[spot.id] && metresBetween(spot, reading) <= round.reachMetres)
  return Object.fromEntries(near.map((spot) => [spot.id, { at: reading.at, byHand: false }]))
}

/** The round after this position; the very same one if the position says nothing new. */
export function heard(round: Round, reading: Reading): Round {
  if (reading.accuracy > POOR_METRES) return round
  const checks = checksAt(round, reading)
  const kept = isKept(reading, round.last)
  const silent = Math.abs(reading.at - round.heardAt) >= SPACING
  if (!kept && !silent && !Object.keys(checks).length) return round
  return {
    ...round,
    heardAt: reading.at,
    checks: { ...round.checks, ...checks },
    gaps: [...round.gaps, ...gapBefore(round, reading.at)],
    last: kept ? reading : round.last,
  }
}

/** Since when no position comes, if that is long enough to say. */
export const silentSince = (round: Round, now: number): number | null => (now < round.askAt && now - round.heardAt > GAP ? round.heardAt : null)

export const asks = (round: Round, now: number) => now >= round.askAt
export const isOver = (round: Round, now: number) => now - round.startedAt >= LONGEST

/** When it ends, stopped now. One that nobody said to go on ended with what is last known of it. */
export function endOf(round: Round, now: number): number {
  const known = Math.max(round.startedAt, round.heardAt, ...Object.values(round.checks).map((check) => check.at))
  return Math.min(asks(round, now) ? known : Math.max(now, known), round.startedAt + LONGEST)
}
