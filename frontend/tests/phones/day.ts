import type { HeldCase } from '@/field/offline/db'
import type { Act, ActField } from '@/shared/api/types'

import { chanceOf, type Chance } from './chance'
import { CENTER, Desk, UNIT } from './desk'
import { Line, type SignedIn } from './net'
import { Phone, type Done } from './phone'

export interface Seed {
  seed: number
  cell: string
  unit: number
  worker: SignedIn
  mate: SignedIn
  handler: SignedIn
  colleague: SignedIn
}

export interface Town {
  seeds: Seed[]
  desk: SignedIn[]
  cookie: string
}

export interface Addresses {
  /** Where phones go. */
  net: string
  /** Where the desk goes. */
  server: string
}

const STEPS = 20
const WEIGHTS = { signal: 14, report: 5, act: 40, photo: 3, exchange: 6, kill: 6, wait: 8, desk: 30 }
/** Acts that a person at a phone does; each is done only when the phone offers it. */
const LIKELY: Record<string, number> = { acknowledge: 8, feedback: 8, verify: 8, comment: 1, return: 1, cancel: 1, resume: 2, submit: 2, follow_up: 3, ask_extension: 1 }
const HALF_HOUR = 30 * 60_000

/** What two phones and the desk did, and what the phones say when all is quiet again. */
export interface Told {
  seed: number
  phones: (Awaited<ReturnType<Phone['state']>> & { owner: number; done: Done[]; runs: string[] })[]
  desk: string[]
  requests: number
}

class Day {
  private readonly chance: Chance
  private readonly phones: Phone[]
  private readonly desks: Desk[]
  private said = 0

  constructor(
    private readonly row: Seed,
    town: Town,
    addresses: Addresses,
    photo: Uint8Array<ArrayBuffer>,
  ) {
    this.chance = chanceOf(row.seed)
    // In turn: reporter and unit, or two who may judge the same.
    const second = row.seed % 3 === 2 ? row.mate : row.handler
    this.phones = [row.worker, second].map((who, index) => {
      const line = new Line(`${row.seed}-${index}`, addresses.net, town.cookie, who)
      return new Phone(line, String(who.id), photo, chanceOf(row.seed * 7919 + index))
    })
    const hands = { unit: row.unit, handlers: [row.handler.id, row.colleague.id] }
    const sits = (who: SignedIn, name: string) => new Line(`${name}-${row.seed}`, addresses.server, town.cookie, who)
    const center = new Desk(sits(town.desk[row.seed % town.desk.length]!, 'center'), CENTER, hands, chanceOf(row.seed * 104729))
    const unit = new Desk(sits(row.colleague, 'unit'), UNIT, hands, chanceOf(row.seed * 1299709))
    this.desks = [center, center, unit]
  }

  async live(): Promise<Told> {
    await this.morning()
    for (let step = 0; step < STEPS; step++) await this.step()
    const runs = await this.quiet()
    const phones = await Promise.all(
      this.phones.map(async (phone, index) => ({ owner: Number(phone.owner), done: phone.done, runs: runs[index]!, ...(await phone.state()) })),
    )
    await Promise.all(this.phones.map((phone) => phone.end()))
    return { seed: this.row.seed, phones, desk: [...this.desks[0]!.did, ...this.desks[2]!.did], requests: this.phones.reduce((sum, phone) => sum + phone.line.requests, 0) }
  }

  /** Two matters are there, more or less far, when both phones leave the village with signal. */
  private async morning(): Promise<void> {
    this.calm(true)
    for (let matter = 0; matter < 2; matter++) {
      await this.phones[0]!.report(this.words('早上'), this.row.cell, 0)
      for (let step = 2 + this.chance.below(4); step > 0; step--) await this.deskStep()
    }
    for (const phone of this.phones) await phone.exchange()
    this.calm(false)
  }

  private calm(calm: boolean): void {
    for (const phone of this.phones) phone.line.calm = calm
  }

  private async step(): Promise<void> {
    const phone = this.chance.one(this.phones)!
    const ways: Record<keyof typeof WEIGHTS, () => Promise<unknown>> = {
      desk: () => this.deskStep(),
      report: () => phone.report(this.words('发现'), this.row.cell, this.chance.below(3), this.chance.often(0.2)),
      act: () => this.act(phone),
      photo: () => this.photo(phone),
      wait: () => phone.wait(HALF_HOUR),
      kill: () => phone.kill(this.chance.below(60)),
      signal: async () => {
        phone.line.online = !phone.online
        if (phone.online) await phone.exchange()
      },
      exchange: async () => phone.online && phone.exchange(),
    }
    await ways[this.chance.weighed(WEIGHTS)]()
  }

  private words(about: string): string {
    return `${about} ${this.row.seed}.${++this.said}`
  }

  private async deskStep(): Promise<void> {
    const items = (await Promise.all(this.phones.map((phone) => phone.items()))).flat()
    const known = [...new Set(items.flatMap((item) => (item.caseId === null ? [] : [item.caseId])))]
    const caseId = this.chance.one(known)
    if (caseId !== undefined) await this.chance.one(this.desks)!.step(caseId)
  }

  private async act(phone: Phone): Promise<void> {
    const ways = (await phone.offers()).flatMap(({ held, acts }) => acts.filter((act) => LIKELY[act.act]).map((act) => ({ held, act })))
    // A comment is possible nearly always: it must not be nearly all that is done.
    const names = Object.fromEntries(ways.map(({ act }) => [act.act, LIKELY[act.act]!]))
    if (!ways.length) return
    const name = this.chance.weighed(names)
    if (name === 'comment' && this.chance.often(0.6)) return
    const way = this.chance.one(ways.filter(({ act }) => act.act === name))!
    await this.perform(phone, way.held, way.act)
  }

  private async perform(phone: Phone, held: HeldCase, act: Act): Promise<void> {
    const fields: Record<string, unknown> = {}
    for (const field of act.fields) {
      const value = this.valueOf(field)
      if (value !== undefined) fields[field.name] = value
    }
    if (fields.passed === false || fields.satisfaction === 'not_solved') fields.text = this.words('没有做完')
    await phone.act(held, act, fields)
  }

  private valueOf(field: ActField): unknown {
    if (field.name === 'text') return this.words('已办')
    if (field.name === 'passed') return this.chance.often(0.6)
    if (field.name === 'amount') return 1 + this.chance.below(2)
    if (field.name === 'satisfaction') return this.chance.one(['satisfied', 'not_satisfied', 'not_solved'])
    return undefined
  }

  private async photo(phone: Phone): Promise<void> {
    const cases = (await phone.offers()).filter(({ acts }) => acts.length)
    const way = this.chance.one(cases)
    if (way) await phone.addPhoto(way.held.detail)
  }

  /** Everybody has signal and nobody does anything any more. */
  private async quiet(): Promise<string[][]> {
    const runs: string[][] = this.phones.map(() => [])
    this.calm(true)
    for (const phone of this.phones) phone.line.online = true
    for (let turn = 0; turn < 3; turn++) {
      for (const [index, phone] of this.phones.entries()) {
        await phone.wait(HALF_HOUR)
        runs[index]!.push(await phone.exchange())
        await phone.giveUp()
      }
    }
    return runs
  }
}

export const live = (row: Seed, town: Town, addresses: Addresses, photo: Uint8Array<ArrayBuffer>) => new Day(row, town, addresses, photo).live()
