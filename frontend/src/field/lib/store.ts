import { fieldDatabase, type FieldDatabase } from '../offline/db'

import type { ReportDraft } from './draft'

/** What must survive leaving the app: the report being written. What was sent off stands in the outbox. */
export interface FieldStore {
  /** False when the browser keeps nothing beyond this page; the screens then say so. */
  readonly durable: boolean
  loadDraft(owner: string): Promise<ReportDraft | null>
  saveDraft(owner: string, draft: ReportDraft): Promise<void>
  removeDraft(owner: string): Promise<void>
}

export function memoryStore(): FieldStore {
  const drafts = new Map<string, ReportDraft>()
  return {
    durable: false,
    loadDraft: async (owner) => drafts.get(owner) ?? null,
    saveDraft: async (owner, draft) => void drafts.set(owner, draft),
    removeDraft: async (owner) => void drafts.delete(owner),
  }
}

export function databaseStore(database: FieldDatabase): FieldStore {
  return {
    durable: true,
    loadDraft: async (owner) => (await database.drafts.get(owner)) ?? null,
    saveDraft: async (owner, draft) => void (await database.drafts.put(draft, owner)),
    removeDraft: (owner) => database.drafts.delete(owner),
  }
}

const memory = memoryStore()

/** Private windows and some web views refuse IndexedDB: then memory, and `durable` says so. */
export async function fieldStore(): Promise<FieldStore> {
  const database = await fieldDatabase()
  return database ? databaseStore(database) : memory
}
