import type { FieldError } from '@/shared/api/client'
import type { Act, CaseDetail, CaseEvent } from '@/shared/api/types'

import type { FieldDatabase } from './database'
import type { Reading } from '../lib/round'

export type ItemState = 'waiting' | 'refused' | 'conflict' | 'done'

/** Something a person did that the server has to hear of. */
export interface OutboxItem {
  /** The order in which things were done on this phone. */
  seq?: number
  /** The client id: the same for every try, so that nothing doubles. */
  id: string
  owner: string
  kind: string
  /** Things of one lane reach the server in their order: those of a case, those of a patrol. */
  lane: string
  body: Record<string, unknown>
  /** Known at once for a case of the server's, else once its report has arrived. */
  caseId: number | null
  /** The act before it on this phone whose answer tells the version of the case. */
  after: string | null
  state: ItemState
  reason: string
  errors: FieldError[]
  tries: number
  /** Not before (milliseconds since 1970). */
  nextAt: number
  createdAt: number
  doneAt: number | null
  /** What a person decided of it, once that is known here. */
  decided?: { state: 'kept_first' | 'took_second' | 'both'; words: string; by: string }
  /** What lists call it: the words, or the name of the act. */
  title: string
}

/** The bytes of a photo, note or video, apart from what lists read. */
export interface OutboxBlob {
  id: string
  owner: string
  blob: Blob
}

/** A case as the server told it, with what may be done next. */
export interface HeldCase {
  owner: string
  id: number
  count: number
  language: string
  heldAt: number
  detail: CaseDetail
  events: CaseEvent[]
  /** What may be done after each act; null while `detail` is newer than what was told of that. */
  then: Record<string, Act[]> | null
}

export interface HeldList {
  owner: string
  name: string
  language: string
  heldAt: number
  rows: unknown[]
}

export interface Note {
  key: string
  value: unknown
}

/** Where somebody was on a round, until it is packed for the server. */
export interface RoundPoint extends Reading {
  id?: number
  owner: string
  /** The id of the round. */
  patrol: string
}

/** A photo of the first edition of this store, before there was an outbox. */
export interface OldPhoto {
  clientId: string
  owner: string
  caseId: string
  blob: Blob
}

export type { FieldDatabase }

let opened: Promise<FieldDatabase | null> | null = null

/** Null where the browser keeps nothing (some private windows and web views): then things are sent at once or not. */
export function fieldDatabase(): Promise<FieldDatabase | null> {
  opened ??= open()
  return opened
}

async function open(): Promise<FieldDatabase | null> {
  if (typeof indexedDB === 'undefined') return null
  // Not part of what the first page waits for.
  const { FieldDatabase } = await import('./database')
  const database = new FieldDatabase()
  // A newer edition in another tab wants the store: give it up, and take it up again with the next call.
  database.on('versionchange', () => {
    database.close()
    opened = null
  })
  try {
    await database.open()
    return database
  } catch {
    return null
  }
}

/** Takes the whole store away; the next call makes an empty one. */
export async function removeDatabase(): Promise<void> {
  const database = await fieldDatabase()
  await database?.delete()
  opened = null
}

export async function note<Value>(database: FieldDatabase, key: string): Promise<Value | null> {
  return ((await database.notes.get(key))?.value as Value | undefined) ?? null
}

export async function keepNote(database: FieldDatabase, key: string, value: unknown): Promise<void> {
  await database.notes.put({ key, value })
}
