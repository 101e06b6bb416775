import 'fake-indexeddb/auto'

import Dexie from 'dexie'
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import DecidedCard from '@/field/components/DecidedCard.vue'
import en from '@/field/i18n/en'
import zh from '@/field/i18n/zh'
import { FieldDatabase } from '@/field/offline/database'
import type { OutboxItem } from '@/field/offline/db'
import { keep, itemsOf, tidy } from '@/field/offline/outbox'
import { askOutcomes, readOutcome } from '@/field/offline/outcomes'
import { createAppI18n } from '@/shared/i18n'

import { dropped } from './fakes'

let database: FieldDatabase
beforeEach(async () => {
  database = new FieldDatabase(`test-${Math.random()}`)
  await keep(database, [{ id: 'a1', owner: '1', kind: 'act', lane: 'case:r1', body: { act: 'verify' }, caseId: 7, title: '核查' }])
  await database.outbox.where('id').equals('a1').modify({ state: 'conflict', reason: '其间事项已被他人办理', doneAt: Date.now() })
})
afterEach(async () => {
  vi.restoreAllMocks()
  database.close()
  await Dexie.delete(database.name)
})
const told = (...results: object[]) => vi.spyOn(calls, 'conflicts').mockResolvedValue({ results, may_decide: false } as never)
const decided = { client_id: 'a1', state: 'kept_first', words: '已复看，确实干净', decided_by: { id: 4, name: '值班' } }
const item = async () => (await itemsOf(database, '1'))[0]

describe('what was decided of something that came too late', () => {
  it('is asked for, and shown with its reason until it was read', async () => {
    const asked = told(decided)
    await askOutcomes(database, '1')
    expect(asked).toHaveBeenCalledWith(7)
    expect((await item())!.decided).toEqual({ state: 'kept_first', words: '已复看，确实干净', by: '值班' })
    await askOutcomes(database, '1')
    expect(asked).toHaveBeenCalledTimes(1)
    await readOutcome(database, 'a1')
    expect((await item())!.state).toBe('done')
  })

  it('is asked for again later while nobody has decided, and not at every exchange', async () => {
    const asked = told({ ...decided, state: 'open' })
    await askOutcomes(database, '1')
    await askOutcomes(database, '1')
    expect(asked).toHaveBeenCalledTimes(1)
    await database.outbox.where('id').equals('a1').modify({ nextAt: 0 })
    told(decided)
    await askOutcomes(database, '1')
    expect((await item())!.decided?.state).toBe('kept_first')
  })

  it('stays on the phone for a week from then on', async () => {
    await database.outbox.where('id').equals('a1').modify({ doneAt: Date.now() - 6.9 * 86_400_000 })
    told(decided)
    await askOutcomes(database, '1')
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * 86_400_000)
    await tidy(database, '1')
    expect(await item()).toBeDefined()
  })

  it('of another act of the same case says nothing of this one', async () => {
    told({ ...decided, client_id: 'a2' })
    await askOutcomes(database, '1')
    expect((await item())!.decided).toBeUndefined()
  })

  it('stops no exchange when it cannot be had', async () => {
    vi.spyOn(calls, 'conflicts').mockRejectedValue(dropped())
    await expect(askOutcomes(database, '1')).resolves.toBeUndefined()
  })

  it.each([
    ['zh-Hans', '您离线办理的“核查”已裁定：以先到的为准。'],
    ['en', 'Decided on “核查”, which you did without signal: the first one stays.'],
  ])('is said in %s', (language, sentence) => {
    const i18n = createAppI18n({ zh, en })
    i18n.global.locale.value = language as never
    const card = mount(DecidedCard, { props: { item: { title: '核查', decided: { state: 'kept_first', words: '确实干净', by: '值班' } } as OutboxItem }, global: { plugins: [i18n] } })
    expect(card.text()).toContain(sentence)
    expect(card.text()).toContain('确实干净')
  })
})
