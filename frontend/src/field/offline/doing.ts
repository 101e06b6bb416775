import type { ApiError } from '@/shared/api/client'
import type { Act, CaseDetail } from '@/shared/api/types'

import type { ReportPayload } from '../lib/draft'
import type { LocalFile, Taken } from '../lib/photo'

import type { FieldDatabase, HeldCase, OutboxItem } from './db'
import { watching } from './kinds'
import { answerTo, discard, failureOf, itemsOf, keep } from './outbox'
import { exchangeNow } from './work'

/** Longer than this nobody looks at a button. */
const PATIENCE = 12_000

export type Settled =
  | { state: 'done'; detail: CaseDetail | null }
  | { state: 'kept' }
  | { state: 'conflict'; reason: string }
  | { state: 'refused'; error: ApiError | null }

export const laneOf = (clientId: string) => `case:${clientId}`

function takenFields(taken: Taken = {}): Record<string, string> {
  const fields: Record<string, string> = taken.at ? { taken_at: taken.at } : {}
  if (taken.lon !== undefined && taken.lat !== undefined) Object.assign(fields, { taken_lon: String(taken.lon), taken_lat: String(taken.lat) })
  return fields
}

/** What goes with the bytes of a file. */
export const fieldsOf = (file: LocalFile): Record<string, string> => ({
  ...(file.moment ? { moment: file.moment } : {}),
  ...(file.caption ? { caption: file.caption } : {}),
  ...takenFields(file.taken),
})

/** `act`: what its author did on the case; with it the file is taken in although the case may be out of sight by then. */
function fileItem(owner: string, lane: string, caseId: number | null, file: LocalFile, act: string | null) {
  const body = { ...(act ? { act } : {}), ...fieldsOf(file) }
  return { id: file.clientId, owner, kind: 'file', lane, body, caseId, title: file.kind ?? 'photo', blob: file.blob }
}

/** The report with its files, in the moment in which its draft goes. */
export async function keepReport(database: FieldDatabase, owner: string, payload: ReportPayload, files: LocalFile[]): Promise<void> {
  const lane = laneOf(payload.client_id)
  const body = { ...payload } as unknown as Record<string, unknown>
  const report = { id: payload.client_id, owner, kind: 'report', lane, body, title: payload.description }
  await keep(database, [report, ...files.map((file) => fileItem(owner, lane, null, file, payload.client_id))], () => database.drafts.delete(owner))
}

type Whose = Pick<CaseDetail, 'id' | 'client_id' | 'reporter'>

export async function keepFiles(database: FieldDatabase, owner: string, detail: Whose, files: LocalFile[]): Promise<void> {
  const lane = laneOf(detail.client_id)
  const last = ownActs(await itemsOf(database, owner), lane).at(-1)?.id
  const act = last ?? (String(detail.reporter.id) === owner ? detail.client_id : null)
  await keep(database, files.map((file) => fileItem(owner, lane, detail.id, file, act)))
}

/** Acts on a case that the server took, or may still take. */
function ownActs(items: readonly OutboxItem[], lane: string): OutboxItem[] {
  return items.filter((item) => item.kind === 'act' && item.lane === lane && item.state !== 'refused')
}

/** Words go before bytes: the act may take the case out of sight before a photo that was taken earlier has arrived. */
async function bindFiles(database: FieldDatabase, items: readonly OutboxItem[], lane: string, act: string): Promise<void> {
  const known = new Set(ownActs(items, lane).map((item) => item.id))
  const loose = items.filter((item) => item.kind === 'file' && item.lane === lane && item.state !== 'done' && !known.has(String(item.body.act)))
  for (const file of loose) await database.outbox.update(file.seq!, { body: { ...file.body, act } })
}

/** The acts of this case that wait, oldest first. */
export function waitingActs(items: readonly OutboxItem[], clientId: string): OutboxItem[] {
  return items.filter((item) => item.kind === 'act' && item.lane === laneOf(clientId) && item.state === 'waiting')
}

/** What may be done next on a case, what waits to be sent included. */
export function actsAfter({ detail, then }: Pick<HeldCase, 'detail' | 'then'>, waiting: readonly OutboxItem[]): Act[] {
  if (!waiting.length) return detail.acts
  // Nobody has told what comes after: better nothing than the same once more.
  if (!then) return []
  const last = waiting.filter((item) => String(item.body.act) in then).at(-1)
  return last ? (then[String(last.body.act)] ?? []) : detail.acts
}

export async function keepAct(
  database: FieldDatabase,
  owner: string,
  detail: CaseDetail,
  act: Act,
  id: string,
  fields: Record<string, unknown>,
): Promise<void> {
  const items = await itemsOf(database, owner)
  const lane = laneOf(detail.client_id)
  const before = waitingActs(items, detail.client_id).map((item) => item.id)
  const seen = { state: detail.state, lead_org: detail.lead_org?.id ?? null, assignee: detail.assignee?.id ?? null }
  const body = { ...fields, act: act.act, version: detail.version, done_at: new Date().toISOString(), seen, ...(before.length ? { after: before } : {}) }
  const known = { after: before.at(-1) ?? null, caseId: detail.id }
  const kept = { id, owner, kind: 'act', lane, body, title: act.name, ...known }
  await keep(database, [kept], () => bindFiles(database, items, lane, id))
}

/** Sends what was just kept and waits a moment for the answer; whatever comes of it, nothing is lost. */
export async function settle(database: FieldDatabase, id: string): Promise<Settled> {
  if (navigator.onLine) await watching(id, () => Promise.race([exchangeUntil(database, id), wait(PATIENCE)]))
  const item = await database.outbox.where('id').equals(id).first()
  if (!item || item.state === 'done') return { state: 'done', detail: answerTo(id) }
  if (item.state === 'conflict') return { state: 'conflict', reason: item.reason }
  return item.state === 'refused' ? { state: 'refused', error: failureOf(id) } : { state: 'kept' }
}

/** Until it was answered or tried, or everything was that can be: behind another that waits it has its turn later. */
async function exchangeUntil(database: FieldDatabase, id: string): Promise<void> {
  let over = false
  void exchangeNow().finally(() => (over = true))
  for (let turn = 0; turn < 200 && !over; turn++) {
    const item = await database.outbox.where('id').equals(id).first()
    if (!item || item.state !== 'waiting' || item.tries > 0) return
    await wait(60)
  }
}

const wait = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds))

/** A refused one goes back to the form it came from: the words are still there. */
export const takeBack = discard
