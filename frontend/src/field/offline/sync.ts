import type { Bundles } from '@/shared/api/types'

import { calls } from '../api'

import { keepNote, note, type FieldDatabase, type HeldCase } from './db'
import { itemsOf } from './outbox'

const AT_ONCE = 25

export interface Synced {
  /** By the server's clock minus ours, in milliseconds. */
  clockOff: number
  at: number
}

/** Brings the held cases up to what the server says. Keeps what is not sent yet within reach. */
export async function download(database: FieldDatabase, owner: string, language: string): Promise<void> {
  const key = `cursor:${owner}:${language}`
  const cursor = await note<string>(database, key)
  const empty = cursor === null && (await database.cases.where('owner').equals(owner).count()) === 0
  const answer = await calls.sync(cursor, empty)
  if (!answer.unchanged) {
    // Shown while the rest is still on its way.
    await database.cases.bulkPut(rowsOf(answer.first ?? [], owner, language))
    const whole = await take(database, owner, language, answer.held ?? [])
    // Only now: a kill in between asks for the rest once more. What had to stay for a while is let go of later.
    await keepNote(database, key, whole ? answer.cursor : null)
  }
  const at = Date.now()
  await keepNote(database, `synced:${owner}`, { at, clockOff: Date.parse(answer.server_time) - at } satisfies Synced)
}

/** Whether the phone then holds what it should and nothing else. */
async function take(database: FieldDatabase, owner: string, language: string, held: number[][]): Promise<boolean> {
  const known = new Map((await casesOf(database, owner)).map((one) => [one.id, one]))
  const wanted = held.filter(([id, count]) => {
    const mine = known.get(id!)
    return !mine || mine.count !== count || mine.language !== language
  })
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    const chunk = wanted.slice(start, start + AT_ONCE)
    await fetchCases(database, owner, language, new Map(chunk as [number, number][]))
  }
  return forget(database, owner, [...known.keys()], new Set(held.map(([id]) => id!)))
}

/** Everything, for a browser that keeps nothing. */
export async function downloadForNow(owner: string, language: string): Promise<HeldCase[]> {
  const { held = [], first = [] } = await calls.sync(null, true)
  const found = rowsOf(first, owner, language)
  const known = new Set(found.map(({ id }) => id))
  const ids = held.map(([id]) => id!).filter((id) => !known.has(id))
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const answer = await calls.syncCases(ids.slice(start, start + AT_ONCE))
    found.push(...rowsOf(answer.results, owner, language))
  }
  return found
}

function rowsOf(bundles: Bundles['results'], owner: string, language: string): HeldCase[] {
  const heldAt = Date.now()
  // Counted by its own events: it may have moved on since the list was made, and is asked for again then.
  return bundles.map(({ case: detail, events, then }) => ({ owner, id: detail.id, count: events.length, language, heldAt, detail, events, then }))
}

async function fetchCases(database: FieldDatabase, owner: string, language: string, counts: Map<number, number>): Promise<void> {
  const answer = await calls.syncCases([...counts.keys()])
  await database.cases.bulkPut(rowsOf(answer.results, owner, language))
  await database.cases.bulkDelete(answer.gone.map((id) => [owner, id] as [string, number]))
}

/** Leaves a case that has something unsent: the words on it would stand alone. What waits for a decision is sent. */
async function forget(database: FieldDatabase, owner: string, known: number[], held: Set<number>): Promise<boolean> {
  const unsent = (await itemsOf(database, owner)).filter((item) => item.state === 'waiting' || item.state === 'refused')
  const busy = new Set(unsent.map((item) => item.caseId))
  const over = known.filter((id) => !held.has(id))
  const gone = over.filter((id) => !busy.has(id))
  await database.cases.bulkDelete(gone.map((id) => [owner, id] as [string, number]))
  return gone.length === over.length
}

export function casesOf(database: FieldDatabase, owner: string): Promise<HeldCase[]> {
  return database.cases.where('owner').equals(owner).toArray()
}
