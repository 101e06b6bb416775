import Dexie from 'dexie'

import { FieldDatabase } from '@/field/offline/database'
import type { HeldCase, OutboxItem } from '@/field/offline/db'
import { actsAfter, keepAct, keepFiles, keepReport, waitingActs } from '@/field/offline/doing'
import { watching } from '@/field/offline/kinds'
import { discard, flush, itemsOf } from '@/field/offline/outbox'
import { casesOf, download } from '@/field/offline/sync'
import type { Act, CaseDetail } from '@/shared/api/types'

import type { Chance } from './chance'
import { as, type Line } from './net'

const LANGUAGE = 'zh-hans'

/** What a person did on this phone, and what the phone says became of it. */
export interface Done {
  id: string
  kind: string
  /** The report's own id, or the case. */
  of: string
  act: string
  words: string
  offline: boolean
  /** Refused while its author stood before the form, and taken back into it. */
  told: string
}

export interface Item {
  state: string
  reason: string
  caseId: number | null
  /** As it was sent, if it was refused. */
  body?: unknown
}

/** One phone: the app's own store, outbox and sync, over a net that may be bad. */
export class Phone {
  readonly done: Done[] = []
  private database: FieldDatabase

  constructor(
    readonly line: Line,
    readonly owner: string,
    private readonly photo: Uint8Array<ArrayBuffer>,
    private readonly chance: Chance,
  ) {
    this.database = new FieldDatabase(line.name)
  }

  get online(): boolean {
    return this.line.online
  }

  /** As the app does it: what was done goes first. A bad net ends it early, as it does in the app. */
  async exchange(): Promise<string> {
    const { database } = this
    return as(this.line, async () => {
      try {
        const run = await flush(database, this.owner)
        if (run === 'offline' || run === 'signed-out') return run
        await download(database, this.owner, LANGUAGE)
        return run
      } catch (failure) {
        return String(failure)
      }
    })
  }

  /** In the middle of an exchange everything in memory is gone; what is in the store stays. */
  async kill(after: number): Promise<void> {
    const going = this.exchange()
    await new Promise((done) => setTimeout(done, after))
    this.database.close()
    this.line.cut()
    this.database = new FieldDatabase(this.line.name)
    await this.database.open()
    // Whatever the old one still tries, it has no store any more.
    await going
  }

  /** Time passes: waits are over, and what was done was done a while ago. */
  async wait(milliseconds: number): Promise<void> {
    await this.database.outbox.toCollection().modify((item) => {
      item.createdAt -= milliseconds
      item.nextAt = Math.max(0, item.nextAt - milliseconds)
    })
  }

  async report(words: string, cell: string, photos: number, solved = false): Promise<void> {
    const id = this.chance.id()
    const said = { client_id: id, category: 'C01', description: words, reported_at: new Date().toISOString(), area: cell }
    const payload = { ...said, ...(solved ? { self_handled: true as const } : {}) }
    const files = Array.from({ length: photos }, () => this.newFile())
    await keepReport(this.database, this.owner, payload, files)
    this.note({ id, kind: 'report', of: id, words })
    for (const file of files) this.note({ id: file.clientId, kind: 'file', of: id })
    await this.sendAtOnce(id)
  }

  async act(held: HeldCase, act: Act, fields: Record<string, unknown>): Promise<void> {
    const id = this.chance.id()
    await keepAct(this.database, this.owner, held.detail, act, id, fields)
    this.note({ id, kind: 'act', of: String(held.id), act: act.act, words: String(fields.text ?? '') })
    await this.sendAtOnce(id)
  }

  async addPhoto(detail: CaseDetail): Promise<void> {
    const file = this.newFile()
    await keepFiles(this.database, this.owner, detail, [file])
    this.note({ id: file.clientId, kind: 'file', of: String(detail.id) })
  }

  /** With signal the person waits a moment; a clear no goes back into the form. */
  private async sendAtOnce(id: string): Promise<void> {
    if (!this.online) return
    await watching(id, () => this.exchange())
    const item = await this.database.outbox.where('id').equals(id).first()
    if (item?.state !== 'refused' || item.kind !== 'act') return
    this.done.find((one) => one.id === id)!.told = item.reason
    await discard(this.database, id)
  }

  /** Requests for time are refused with a reason, not kept as conflicts; their author reads it and lets them go. */
  async giveUp(): Promise<void> {
    for (const item of await this.items()) {
      if (item.state !== 'refused' || !String(item.body.act).startsWith('ask_')) continue
      this.done.find((one) => one.id === item.id)!.told = item.reason
      await discard(this.database, item.id)
    }
  }

  /** Cases on this phone, with what its person is offered on each. */
  async offers(): Promise<{ held: HeldCase; acts: Act[] }[]> {
    const items = await this.items()
    const cases = await casesOf(this.database, this.owner)
    return cases.map((held) => ({ held, acts: actsAfter(held, waitingActs(items, held.detail.client_id)) }))
  }

  items(): Promise<OutboxItem[]> {
    return itemsOf(this.database, this.owner)
  }

  async state(): Promise<{ items: Record<string, Item>; held: Record<number, number>; blobs: number }> {
    const items = (await this.items()).map(({ id, state, reason, caseId, body }) => [id, { state, reason, caseId, ...(state === 'refused' ? { body } : {}) }])
    const held = (await casesOf(this.database, this.owner)).map(({ id, events }) => [id, events.length])
    return { items: Object.fromEntries(items), held: Object.fromEntries(held), blobs: await this.database.blobs.count() }
  }

  async end(): Promise<void> {
    this.database.close()
    await Dexie.delete(this.line.name)
  }

  private newFile() {
    // A few bytes after its end make each photo one of its own.
    const bytes = new Blob([this.photo, this.chance.id()], { type: 'image/jpeg' })
    return { clientId: this.chance.id(), blob: bytes, kind: 'photo' as const }
  }

  private note(one: Pick<Done, 'id' | 'kind' | 'of'> & Partial<Done>): void {
    this.done.push({ act: '', words: '', offline: !this.online, told: '', ...one })
  }
}
