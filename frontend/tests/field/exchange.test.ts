import 'fake-indexeddb/auto'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import { fieldDatabase, removeDatabase, type FieldDatabase } from '@/field/offline/db'
import { keepReport, settle } from '@/field/offline/doing'
import { itemsOf } from '@/field/offline/outbox'
import { beginWork, endWork, exchangeNow, useExchange } from '@/field/offline/work'
import { ApiError } from '@/shared/api/client'

import { dropped } from './fakes'

const reportOf = (id: string) => ({ client_id: id, category: 'C01', description: '垃圾堆放', reported_at: '2026-11-25T02:00:00Z' })
const detail = (id: string) => ({ id: 7, client_id: id, version: 1 }) as never
const nothing = { unchanged: true, cursor: 'x', server_time: '2026-11-25T02:00:00Z' }

let database: FieldDatabase
beforeEach(async () => {
  vi.spyOn(calls, 'sync').mockResolvedValue(nothing as never)
  await removeDatabase()
  database = (await fieldDatabase())!
  beginWork('1', 'zh-hans')
  await exchangeNow()
})
afterEach(() => {
  endWork()
  vi.restoreAllMocks()
})

it('is over when what was there at its call was tried, also if another was going on', async () => {
  const report = vi.spyOn(calls, 'report').mockImplementation(async (body) => detail(body.client_id))
  const first = exchangeNow()
  await keepReport(database, '1', reportOf('r1'), [])
  await Promise.all([first, exchangeNow()])
  expect(report).toHaveBeenCalledTimes(1)
  expect(await itemsOf(database, '1')).toMatchObject([{ id: 'r1', state: 'done' }])
})

it('keeps nobody before the screen for what is stuck in front of theirs', async () => {
  vi.spyOn(calls, 'report').mockRejectedValue(dropped())
  await keepReport(database, '1', reportOf('r1'), [])
  await exchangeNow()
  await keepReport(database, '1', reportOf('r2'), [])
  const began = Date.now()
  expect(await settle(database, 'r2')).toEqual({ state: 'kept' })
  expect(Date.now() - began).toBeLessThan(2_000)
})

it('goes on after it was asked for once more in its last moment', async () => {
  vi.spyOn(calls, 'report').mockRejectedValueOnce(new ApiError(401, 'not_authenticated', '')).mockImplementation(async (body) => detail(body.client_id))
  await keepReport(database, '1', reportOf('r1'), [])
  await exchangeNow()
  await Promise.all([exchangeNow(), exchangeNow(), exchangeNow()])
  expect(await itemsOf(database, '1')).toMatchObject([{ state: 'done' }])
})

it('asks the server once at a start, although the first page asks too', async () => {
  endWork()
  const sync = vi.spyOn(calls, 'sync').mockClear()
  const begun = beginWork('1', 'zh-hans')
  await Promise.all([begun, useExchange().exchangeUnlessJustNow()])
  await useExchange().exchangeUnlessJustNow()
  expect(sync).toHaveBeenCalledTimes(1)
})

it('shows the first cases of an empty phone without asking for them', async () => {
  const bundle = { case: detail('c1'), events: [{}, {}], then: {} }
  const sync = vi.spyOn(calls, 'sync').mockResolvedValue({ ...nothing, unchanged: false, held: [[7, 2]], first: [bundle] } as never)
  const cases = vi.spyOn(calls, 'syncCases')
  await database.notes.clear()
  await exchangeNow()
  expect(sync).toHaveBeenLastCalledWith(null, true)
  expect(cases).not.toHaveBeenCalled()
  expect(await database.cases.toArray()).toMatchObject([{ id: 7, count: 2 }])
})

it('sends what stands behind a report that always breaks off', async () => {
  const report = vi.spyOn(calls, 'report').mockImplementation(async (body) => {
    if (body.client_id === 'r1') throw dropped()
    return detail(body.client_id)
  })
  await keepReport(database, '1', reportOf('r1'), [])
  await keepReport(database, '1', reportOf('r2'), [])
  for (let run = 0; run < 4; run++) await exchangeNow()
  expect(await itemsOf(database, '1')).toMatchObject([{ id: 'r1', state: 'waiting' }, { id: 'r2', state: 'done' }])
  // Without any signal no more than two are tried in a run.
  report.mockClear().mockRejectedValue(dropped())
  await keepReport(database, '1', reportOf('r3'), [])
  await keepReport(database, '1', reportOf('r4'), [])
  await exchangeNow()
  expect(report).toHaveBeenCalledTimes(2)
})
