import 'fake-indexeddb/auto'

import Dexie from 'dexie'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import { asks, endOf, heard, isKept, silentSince, type Reading, type Round } from '@/field/lib/round'
import { FieldDatabase } from '@/field/offline/database'
import { keepNote } from '@/field/offline/db'
import { discard, flush, itemsOf } from '@/field/offline/outbox'
import { goOn, record, roundOf, sendPart, startRound, stopRound, tickByHand } from '@/field/offline/rounds'
import { ApiError } from '@/shared/api/client'
import type { PatrolArea } from '@/shared/api/types'

import { dropped } from './fakes'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const EIGHT = Date.parse('2026-11-25T00:00:00Z')
/** About a hundred metres north of one another. */
const place = (step: number, at: number, accuracy = 8): Reading => ({ lon: 116.7, lat: 23.7 + step * 0.0009, accuracy, at })
const AREA = {
  id: 4,
  name: '沿河步道',
  reach_metres: 30,
  check_points: [
    { id: 41, name: '东闸', lon: 116.7, lat: 23.7009, last_visited_at: null },
    { id: 42, name: '西闸', lon: 116.8, lat: 23.7, last_visited_at: null },
  ],
} as PatrolArea
const round = (more: Partial<Round> = {}): Round => ({
  ...{ id: 'u', owner: '1', area: 4, name: '沿河步道', startedAt: EIGHT, heardAt: EIGHT, askAt: EIGHT + 12 * HOUR, reachMetres: 30 },
  ...{ spots: AREA.check_points, checks: {}, gaps: [], last: null, clockOff: 0 },
  ...more,
})

describe('of the positions', () => {
  it('one is written down each 30 seconds at most', () => {
    const kept: number[] = []
    let last: Reading | null = null
    for (let second = 0; second <= 120; second += 7) {
      const reading = place(second, EIGHT + second * 1000)
      if (!isKept(reading, last)) continue
      last = reading
      kept.push(second)
    }
    expect(kept).toEqual([0, 35, 70, 105])
  })

  it('one each five minutes of somebody who stands', () => {
    expect(isKept(place(0, EIGHT + MINUTE), place(0, EIGHT))).toBe(false)
    expect(isKept(place(0.2, EIGHT + MINUTE), place(0, EIGHT))).toBe(true)
    expect(isKept(place(0, EIGHT + 5 * MINUTE), place(0, EIGHT))).toBe(true)
  })

  it('none that is too rough to name a place: it ticks nothing either', () => {
    expect(isKept(place(0, EIGHT, 101), null)).toBe(false)
    const before = round()
    expect(heard(before, place(1, EIGHT + MINUTE, 400))).toBe(before)
  })

  it('go on being written down after the clock was set back', () => {
    expect(isKept(place(1, EIGHT - HOUR), place(0, EIGHT))).toBe(true)
  })

  it('tell no silence of up to two minutes, and a longer one from when to when', () => {
    expect(heard(round(), place(0, EIGHT + 2 * MINUTE)).gaps).toEqual([])
    expect(heard(round(), place(0, EIGHT + 20 * MINUTE)).gaps).toEqual([{ from: EIGHT, to: EIGHT + 20 * MINUTE }])
    expect(silentSince(round(), EIGHT + MINUTE)).toBeNull()
    expect(silentSince(round(), EIGHT + 3 * MINUTE)).toBe(EIGHT)
  })

  it('tick what is near, also between two that are written down', () => {
    const first = heard(round(), place(0.5, EIGHT + 1000))
    expect(first.checks).toEqual({})
    const second = heard(first, place(1, EIGHT + 9000))
    expect(second.checks).toEqual({ 41: { at: EIGHT + 9000, byHand: false } })
    expect(second.last).toBe(first.last)
    expect(heard(second, place(1, EIGHT + 12_000))).toBe(second)
  })
})

describe('a round that nobody ended', () => {
  it('is asked about after twelve hours, and ends with what is last known of it', () => {
    const walked = round({ heardAt: EIGHT + 2 * HOUR })
    expect(asks(walked, EIGHT + 11 * HOUR)).toBe(false)
    expect(asks(walked, EIGHT + 12 * HOUR)).toBe(true)
    expect(endOf(walked, EIGHT + 11 * HOUR)).toBe(EIGHT + 11 * HOUR)
    expect(endOf(walked, EIGHT + 13 * HOUR)).toBe(EIGHT + 2 * HOUR)
    expect(endOf({ ...walked, checks: { 42: { at: EIGHT + 3 * HOUR, byHand: true } } }, EIGHT + 13 * HOUR)).toBe(EIGHT + 3 * HOUR)
  })

  it('never ends before it began, nor later than after a day', () => {
    expect(endOf(round(), EIGHT - HOUR)).toBe(EIGHT)
    expect(endOf(round({ askAt: EIGHT + 50 * HOUR }), EIGHT + 30 * HOUR)).toBe(EIGHT + 24 * HOUR)
  })
})

describe('on the phone', () => {
  let database: FieldDatabase
  const sent: [string, unknown][] = []
  const kinds = async () => (await itemsOf(database, '1')).map((item) => item.kind)
  const at = (moment: number) => vi.setSystemTime(moment)
  const iso = (moment: number) => new Date(moment).toISOString()

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: EIGHT })
    database = new FieldDatabase(`test-${Math.random()}`)
    sent.length = 0
    vi.spyOn(calls, 'startPatrol').mockImplementation(async (body) => void sent.push(['start', body]))
    vi.spyOn(calls, 'patrolPoints').mockImplementation(async (_id, body) => void sent.push(['points', body.points.map((point) => point.at)]))
    vi.spyOn(calls, 'patrolTick').mockImplementation(async (_id, body) => void sent.push(['tick', body]))
    vi.spyOn(calls, 'stopPatrol').mockImplementation(async (_id, body) => void sent.push(['stop', body.stopped_at]))
  })
  afterEach(async () => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    database.close()
    await Dexie.delete(database.name)
  })

  it('start, points, ticks and stop go in this order, without signal all the way', async () => {
    const { id } = await startRound(database, '1', AREA)
    await record(database, '1', place(0, EIGHT + MINUTE))
    await record(database, '1', place(1, EIGHT + 2 * MINUTE))
    at(EIGHT + 3 * MINUTE)
    await tickByHand(database, '1', 42)
    await stopRound(database, '1')
    const first = vi.spyOn(calls, 'startPatrol').mockRejectedValueOnce(dropped())
    expect(await flush(database, '1')).toBe('offline')
    expect(await flush(database, '1')).toBe('empty')
    expect(first).toHaveBeenCalledTimes(2)
    expect(sent).toEqual([
      ['start', { client_id: id, patrol_area: 4, started_at: iso(EIGHT) }],
      ['points', [iso(EIGHT + MINUTE), iso(EIGHT + 2 * MINUTE)]],
      ['tick', { check_point: 41, at: iso(EIGHT + 2 * MINUTE), by_hand: false }],
      ['tick', { check_point: 42, at: iso(EIGHT + 3 * MINUTE), by_hand: true }],
      ['stop', iso(EIGHT + 3 * MINUTE)],
    ])
  })

  it('a kill loses nothing: another page finds the round, its points and its ticks, and goes on', async () => {
    await startRound(database, '1', AREA)
    await record(database, '1', place(1, EIGHT + MINUTE))
    database.close()
    database = new FieldDatabase(database.name)
    const next = await record(database, '1', place(2, EIGHT + 31 * MINUTE))
    expect(next).toMatchObject({ gaps: [{ from: EIGHT + MINUTE, to: EIGHT + 31 * MINUTE }], checks: { 41: { byHand: false } } })
    expect(await database.points.count()).toBe(2)
    expect(await kinds()).toEqual(['patrol'])
  })

  it('started twice is one round', async () => {
    const [one, other] = await Promise.all([startRound(database, '1', AREA), startRound(database, '1', null)])
    expect(one.id).toBe(other.id)
    expect(await kinds()).toEqual(['patrol'])
  })

  it('two tabs write one point', async () => {
    await startRound(database, '1', null)
    const other = new FieldDatabase(database.name)
    await Promise.all([record(database, '1', place(0, EIGHT + MINUTE)), record(other, '1', place(0, EIGHT + MINUTE + 5))])
    expect(await database.points.count()).toBe(1)
    other.close()
  })

  it('points go in parts while it is walked, and leave the phone when they have arrived', async () => {
    await startRound(database, '1', null)
    for (let minute = 1; minute <= 61; minute++) {
      const walked = await record(database, '1', place(minute, EIGHT + minute * MINUTE))
      await sendPart(database, walked!)
    }
    expect(await kinds()).toEqual(['patrol', 'patrol_points'])
    expect(await database.points.count()).toBe(1)
    await flush(database, '1')
    expect(await kinds()).toEqual(['patrol'])
  })

  it('more points than the server takes at once go in several parts', async () => {
    const { id } = await startRound(database, '1', null)
    await database.points.bulkAdd(Array.from({ length: 501 }, (_, step) => ({ owner: '1', patrol: id, ...place(step, EIGHT + step * MINUTE) })))
    await stopRound(database, '1')
    expect((await itemsOf(database, '1')).map((item) => (item.body.points as unknown[] | undefined)?.length)).toEqual([undefined, 500, 1, undefined])
  })

  it('nothing is written down before the start, after the stop, or while it is asked whether it goes on', async () => {
    expect(await record(database, '1', place(0, EIGHT))).toBeNull()
    await startRound(database, '1', null)
    expect(await record(database, '1', place(0, EIGHT + 12 * HOUR))).toBeNull()
    at(EIGHT + 12 * HOUR)
    await goOn(database, '1')
    expect(await record(database, '1', place(0, EIGHT + 12 * HOUR))).not.toBeNull()
    await stopRound(database, '1')
    expect(await record(database, '1', place(1, EIGHT + 13 * HOUR))).toBeNull()
    expect([await database.points.count(), await database.rounds.count()]).toEqual([0, 0])
  })

  it('a tick by hand can be taken back before the stop, one by nearness not', async () => {
    await startRound(database, '1', AREA)
    await record(database, '1', place(1, EIGHT + MINUTE))
    for (const spot of [41, 42, 42]) await tickByHand(database, '1', spot)
    expect(Object.keys((await roundOf(database, '1'))!.checks)).toEqual(['41'])
  })

  it('is told by the server’s clock where the phone’s is hours off', async () => {
    await keepNote(database, 'synced:1', { at: EIGHT, clockOff: -2 * HOUR })
    await startRound(database, '1', null)
    await stopRound(database, '1')
    await flush(database, '1')
    expect(sent).toMatchObject([['start', { started_at: iso(EIGHT - 2 * HOUR) }], ['stop', iso(EIGHT - 2 * HOUR)]])
  })

  it('loses nothing where the server ended it meanwhile: it is told of a later end before the points', async () => {
    await startRound(database, '1', AREA)
    await flush(database, '1')
    await record(database, '1', place(1, EIGHT + HOUR))
    at(EIGHT + 2 * HOUR)
    await stopRound(database, '1')
    at(EIGHT + 30 * HOUR)
    await flush(database, '1')
    const hour = iso(EIGHT + HOUR)
    expect(sent.slice(1).map(([name, said]) => [name, name === 'tick' ? 'tick' : said])).toEqual([
      ['stop', hour],
      ['points', [hour]],
      ['stop', hour],
      ['tick', 'tick'],
      ['stop', iso(EIGHT + 2 * HOUR)],
    ])
  })

  it('a tick that is refused does not keep the round from ending', async () => {
    vi.spyOn(calls, 'patrolTick').mockRejectedValue(new ApiError(400, 'invalid', '点位已停用'))
    await startRound(database, '1', AREA)
    await tickByHand(database, '1', 42)
    await stopRound(database, '1')
    await flush(database, '1')
    expect((await itemsOf(database, '1')).map((item) => [item.kind, item.state])).toEqual([
      ['patrol', 'done'],
      ['patrol_tick', 'refused'],
      ['patrol_stop', 'done'],
    ])
  })

  it('a start that is refused holds the round back, and given up takes all of it away', async () => {
    vi.spyOn(calls, 'startPatrol').mockRejectedValue(new ApiError(400, 'invalid', '没有这个范围'))
    const { id } = await startRound(database, '1', null)
    await record(database, '1', place(0, EIGHT + MINUTE))
    await flush(database, '1')
    expect(sent).toEqual([])
    await discard(database, id)
    expect(await kinds()).toEqual([])
    expect([await database.points.count(), await database.rounds.count()]).toEqual([0, 0])
  })

  it('belongs to whoever walks it', async () => {
    await startRound(database, '1', AREA)
    expect(await roundOf(database, '2')).toBeUndefined()
    expect(await record(database, '2', place(0, EIGHT))).toBeNull()
    expect(await stopRound(database, '2')).toBeNull()
  })
})
