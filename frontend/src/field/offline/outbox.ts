import { ApiError } from '@/shared/api/client'
import type { CaseDetail } from '@/shared/api/types'

import type { FieldDatabase, HeldCase, OutboxItem } from './db'
import { kindOf, type Outcome } from './kinds'
import { fits } from './room'
import { asKnown, noteOrRemember, noteTheRest } from './unnoted'

type New = Pick<OutboxItem, 'id' | 'owner' | 'kind' | 'lane' | 'body' | 'title'> &
  Partial<Pick<OutboxItem, 'caseId' | 'after'>> & { blob?: Blob }

const MINUTE = 60_000
/** Waits between tries that were answered badly; no signal at all is not a try. */
const WAITS = [5_000, 30_000, 2 * MINUTE]
const LONGEST = 10 * MINUTE
/** How long what has arrived stays in the list of this phone. */
const SHOWN_FOR = 24 * 60 * MINUTE
const DECIDED_WITHIN = 7 * SHOWN_FOR

/** What one run came to. */
export type Run = 'empty' | 'offline' | 'signed-out' | 'later'

function rowOf({ blob: _blob, ...item }: New, at: number): OutboxItem {
  return {
    caseId: null,
    after: null,
    ...item,
    state: 'waiting',
    reason: '',
    errors: [],
    tries: 0,
    nextAt: 0,
    createdAt: at,
    doneAt: null,
  }
}

/** Keeps what was done, all of it or nothing; `also` belongs to the same moment (a draft that goes). */
export async function keep(database: FieldDatabase, items: New[], also?: () => Promise<unknown>): Promise<void> {
  const at = Date.now()
  const blobs = items.flatMap(({ id, owner, blob }) => (blob ? [{ id, owner, blob }] : []))
  await database.transaction('rw', [database.outbox, database.blobs, database.drafts, database.photos], async () => {
    await database.outbox.bulkAdd(items.map((item) => rowOf(item, at)))
    if (blobs.length) await database.blobs.bulkAdd(blobs)
    await also?.()
  })
}

export async function itemsOf(database: FieldDatabase, owner: string): Promise<OutboxItem[]> {
  return (await database.outbox.where('owner').equals(owner).toArray()).sort((one, other) => one.seq! - other.seq!)
}

export const unsentOf = (items: readonly OutboxItem[]) => items.filter((item) => item.state !== 'done')

/** What the server does not have: a conflict is with it, and waits for a decision there. */
export const toSend = (items: readonly OutboxItem[]) => unsentOf(items).filter((item) => item.state !== 'conflict')

/** What can be sent now, in order; a refused one holds back what was built upon it. */
export function ready(items: readonly OutboxItem[], now: number): OutboxItem[] {
  const held = new Set<string>()
  return items.filter((item) => {
    const { leads } = kindOf(item.kind)
    const free = !held.has(item.lane) || (!leads && item.caseId !== null)
    const open = item.state === 'waiting' || item.state === 'refused'
    if (open && leads) held.add(item.lane)
    return item.state === 'waiting' && free && item.nextAt <= now
  })
}

/** Words before photos: a weak signal carries a sentence where a picture fails. */
function first(items: OutboxItem[]): OutboxItem | undefined {
  return items.find((item) => !kindOf(item.kind).bytes) ?? items[0]
}

/** What came back in this tab, for whoever waits for it on the screen. */
const answers = new Map<string, CaseDetail>()
const failures = new Map<string, ApiError>()
export const answerTo = (id: string) => answers.get(id) ?? null
export const failureOf = (id: string) => failures.get(id) ?? null

async function arrived(database: FieldDatabase, item: OutboxItem, outcome: Outcome): Promise<void> {
  const { detail } = outcome
  if (detail) answers.set(item.id, detail)
  const { fleeting, forgets = [] } = kindOf(item.kind)
  if (fleeting) return database.outbox.delete(item.seq!)
  await database.transaction('rw', database.outbox, database.blobs, database.cases, async () => {
    await database.outbox.update(item.seq!, {
      state: outcome.conflict ? 'conflict' : 'done',
      reason: outcome.reason ?? '',
      errors: [],
      doneAt: Date.now(),
      body: Object.fromEntries(Object.entries(item.body).filter(([name]) => !forgets.includes(name))),
      caseId: detail?.id ?? item.caseId,
    })
    await database.blobs.delete(item.id)
    if (detail) await tellFollowers(database, item, detail)
    if (detail) await renewHeld(database, item.owner, detail)
  })
}

/** What was told of the next steps, if it was told of the case as it is in `detail`. */
export function thenOf(held: HeldCase | undefined, detail: CaseDetail): HeldCase['then'] {
  return held?.detail.version === detail.version ? held.then : null
}

/** The signal may be gone again before the next download: nobody is offered what they just did. */
async function renewHeld(database: FieldDatabase, owner: string, detail: CaseDetail): Promise<void> {
  const held = await database.cases.get([owner, detail.id])
  // Its events are counted as before, so that it is asked for again.
  if (held) await database.cases.put({ ...held, detail, then: thenOf(held, detail), heldAt: Date.now() })
}

/** What was built upon it learns the case's number and its version. */
async function tellFollowers(database: FieldDatabase, item: OutboxItem, detail: CaseDetail): Promise<void> {
  const followers = await database.outbox.where('lane').equals(item.lane).toArray()
  for (const other of followers) {
    if (other.owner !== item.owner || other.state === 'done') continue
    const version = other.after === item.id ? { body: { ...other.body, version: detail.version } } : {}
    await database.outbox.update(other.seq!, { caseId: detail.id, ...version })
  }
}

type Failure = 'offline' | 'signed-out' | 'rest' | 'refused'

/** A no without a reason of ours: it broke off, or something in between said it. Only what is too large stays so. */
const isOfStrangers = ({ status, code }: ApiError) => code === `http_${status}` && status !== 413

function kindOfFailure(failure: unknown): Failure {
  if (!(failure instanceof ApiError)) return 'rest'
  if (failure.offline) return 'offline'
  if (failure.status === 401) return 'signed-out'
  return failure.status >= 500 || failure.status === 429 || isOfStrangers(failure) ? 'rest' : 'refused'
}

async function failed(database: FieldDatabase, item: OutboxItem, failure: unknown): Promise<Run | null> {
  const kind = kindOfFailure(failure)
  const tries = item.tries + 1
  if (kind === 'signed-out') return kind
  if (kind === 'refused') await refuse(database, item, failure as ApiError)
  // It may have arrived all the same: from here on it is never changed, only sent again.
  if (kind === 'offline') await fits(database.outbox.update(item.seq!, { tries }))
  if (kind === 'rest') await fits(database.outbox.update(item.seq!, { tries, nextAt: Date.now() + (WAITS[item.tries] ?? LONGEST) }))
  return kind === 'offline' ? kind : null
}

async function refuse(database: FieldDatabase, item: OutboxItem, failure: ApiError): Promise<void> {
  failures.set(item.id, failure)
  await fits(database.outbox.update(item.seq!, { state: 'refused', reason: failure.message || failure.code, errors: failure.errors, tries: item.tries + 1 }))
}

/** Sends one; null says that the run goes on. */
export async function sendOne(database: FieldDatabase, item: OutboxItem): Promise<Run | null> {
  const kind = kindOf(item.kind)
  const blob = kind.bytes ? ((await database.blobs.get(item.id))?.blob ?? null) : null
  let outcome: Outcome
  try {
    outcome = await kind.send(item, blob)
  } catch (failure) {
    return failed(database, item, failure)
  }
  await noteOrRemember(database, item, outcome, arrived)
  return null
}

/** So often broken off, it may be the thing itself and not the signal. */
const OFTEN = 3

/**
 * Sends all that can be sent, one at a time, in order and once; stops where there is no net or nobody signed in. One
 * that breaks off again and again is passed over in each run, so that it holds up only its own lane.
 */
export async function flush(database: FieldDatabase, owner: string): Promise<Run> {
  const tried = new Set<string>()
  let brokeOff = false
  await noteTheRest(database, owner, arrived)
  for (;;) {
    const items = asKnown(await itemsOf(database, owner))
    const next = first(ready(items, Date.now()).filter((item) => !tried.has(item.id)))
    if (!next) return unsentOf(items).some((item) => item.state === 'waiting') ? 'later' : 'empty'
    tried.add(next.id)
    const stop = await sendOne(database, next)
    if (stop === 'offline' && next.tries >= OFTEN && !brokeOff) brokeOff = true
    else if (stop) return stop
  }
}

/** Again at once, whatever the wait; a refused one only after it was changed. */
export async function hurry(database: FieldDatabase, owner: string): Promise<void> {
  await database.outbox.where('owner').equals(owner).modify((item) => void (item.nextAt = 0))
}

/** Sends a refused one again, with what was corrected. */
export async function correct(database: FieldDatabase, id: string, body: Record<string, unknown>): Promise<void> {
  await database.outbox.where('id').equals(id).modify((item) => {
    if (item.state !== 'refused') return
    item.body = body
    item.state = 'waiting'
    item.reason = ''
    item.errors = []
    item.nextAt = 0
  })
}

/** Takes one out, and what was built upon it. */
export async function discard(database: FieldDatabase, id: string): Promise<void> {
  await database.transaction('rw', database.outbox, database.blobs, database.points, database.rounds, async () => {
    const item = await database.outbox.where('id').equals(id).first()
    if (!item) return
    // A round that the server does not know has nowhere to go.
    if (item.kind === 'patrol') await Promise.all([database.rounds.delete(id), database.points.where('patrol').equals(id).delete()])
    const whole = item.kind === 'report' || item.kind === 'patrol'
    const gone = whole ? await database.outbox.where('lane').equals(item.lane).toArray() : [item]
    await database.outbox.bulkDelete(gone.map((one) => one.seq!))
    await database.blobs.bulkDelete(gone.map((one) => one.id))
  })
}

/** What arrived long ago leaves the list; what waits for a decision has stood on the case itself since it arrived. */
export async function tidy(database: FieldDatabase, owner: string): Promise<void> {
  const old = (item: OutboxItem) => item.doneAt !== null && item.doneAt < Date.now() - (item.state === 'conflict' ? DECIDED_WITHIN : SHOWN_FOR)
  await database.outbox.bulkDelete((await itemsOf(database, owner)).filter(old).map((item) => item.seq!))
}
