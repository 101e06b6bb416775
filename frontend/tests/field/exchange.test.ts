import 'fake-indexeddb/auto'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import { fieldDatabase, removeDatabase, type FieldDatabase } from '@/field/offline/db'
import { keepReport, settle } from '@/field/offline/doing'
import { itemsOf } from '@/field/offline/outbox'
import { beginWork, endWork, exchangeNow } from '@/field/offline/work'
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
