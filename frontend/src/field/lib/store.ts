import type { ReportDraft } from './draft'
import { openDatabase, request, transact } from './indexed'

/** A photo that waits to be sent to a case the server already knows. */
export interface WaitingPhoto {
  clientId: string
  owner: string
  caseId: string
  blob: Blob
}

/** What must survive leaving the app. An outbox can stand behind the same interface later. */
export interface FieldStore {
  /** False when the browser keeps nothing beyond this page; the screens then say so. */
  readonly durable: boolean
  loadDraft(owner: string): Promise<ReportDraft | null>
  saveDraft(owner: string, draft: ReportDraft): Promise<void>
  removeDraft(owner: string): Promise<void>
  /** The draft goes and its photos wait, in one step: a kill in between loses nothing. */
  confirmDraft(owner: string, photos: WaitingPhoto[]): Promise<void>
  waitingPhotos(owner: string): Promise<WaitingPhoto[]>
  addPhotos(photos: WaitingPhoto[]): Promise<void>
  removePhoto(clientId: string): Promise<void>
}

export function memoryStore(): FieldStore {
  const drafts = new Map<string, ReportDraft>()
  const photos = new Map<string, WaitingPhoto>()
  const keep = (list: WaitingPhoto[]) => list.forEach((photo) => photos.set(photo.clientId, photo))
  return {
    durable: false,
    loadDraft: async (owner) => drafts.get(owner) ?? null,
    saveDraft: async (owner, draft) => void drafts.set(owner, draft),
    removeDraft: async (owner) => void drafts.delete(owner),
    confirmDraft: async (owner, list) => {
      drafts.delete(owner)
      keep(list)
    },
    waitingPhotos: async (owner) => [...photos.values()].filter((photo) => photo.owner === owner),
    addPhotos: async (list) => keep(list),
    removePhoto: async (clientId) => void photos.delete(clientId),
  }
}

function indexedStore(database: IDBDatabase): FieldStore {
  const putAll = (store: IDBObjectStore, list: WaitingPhoto[]) => list.forEach((photo) => store.put(photo))
  return {
    durable: true,
    loadDraft: async (owner) =>
      (await request<ReportDraft | undefined>(database.transaction('drafts').objectStore('drafts').get(owner))) ?? null,
    saveDraft: (owner, draft) => transact(database, ['drafts'], (stores) => stores('drafts').put(draft, owner)),
    removeDraft: (owner) => transact(database, ['drafts'], (stores) => stores('drafts').delete(owner)),
    confirmDraft: (owner, list) =>
      transact(database, ['drafts', 'photos'], (stores) => {
        stores('drafts').delete(owner)
        putAll(stores('photos'), list)
      }),
    waitingPhotos: (owner) =>
      request<WaitingPhoto[]>(database.transaction('photos').objectStore('photos').index('owner').getAll(owner)),
    addPhotos: (list) => transact(database, ['photos'], (stores) => putAll(stores('photos'), list)),
    removePhoto: (clientId) => transact(database, ['photos'], (stores) => stores('photos').delete(clientId)),
  }
}

let opened: Promise<FieldStore> | null = null

/** Private windows and some web views refuse IndexedDB: then memory, and `durable` says so. */
export function fieldStore(): Promise<FieldStore> {
  opened ??= openDatabase().then(indexedStore, memoryStore)
  return opened
}
