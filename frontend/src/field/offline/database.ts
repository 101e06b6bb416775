import Dexie, { type Table } from 'dexie'

import type { ReportDraft } from '../lib/draft'
import type { Round } from '../lib/round'

import type { HeldCase, HeldList, Note, OutboxBlob, OutboxItem, RoundPoint, OldPhoto } from './db'

export { liveQuery } from 'dexie'

/** The phone's store. */
export class FieldDatabase extends Dexie {
  declare drafts: Table<ReportDraft, string>
  declare photos: Table<OldPhoto, string>
  declare outbox: Table<OutboxItem, number>
  declare blobs: Table<OutboxBlob, string>
  declare cases: Table<HeldCase, [string, number]>
  declare lists: Table<HeldList, [string, string]>
  declare notes: Table<Note, string>
  declare points: Table<RoundPoint, number>
  declare rounds: Table<Round, string>

  constructor(name = 'wangge-field') {
    super(name)
    // The first edition was version 1 of the browser's own counting; Dexie counts in tens.
    this.version(1).stores({ drafts: '', photos: 'clientId, owner' })
    this.version(2).stores({
      outbox: '++seq, &id, owner, lane',
      blobs: 'id, owner',
      cases: '[owner+id], owner',
      lists: '[owner+name], owner',
      notes: 'key',
    })
    this.version(3).stores({ points: '++id, owner, patrol', rounds: 'id, owner' })
  }
}

/** Stores so many bytes apart from everything else and takes them away again; fails where there is no room. */
export async function tryToStore(bytes: number): Promise<void> {
  const trial = new Dexie('wangge-trial')
  trial.version(1).stores({ bytes: '' })
  try {
    await trial.table('bytes').put(new Blob([new Uint8Array(bytes)]), 1)
  } finally {
    await trial.delete()
  }
}
