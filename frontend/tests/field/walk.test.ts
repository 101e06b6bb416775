import 'fake-indexeddb/auto'

import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import PatrolTrack from '@/field/components/PatrolTrack.vue'
import { lastFix } from '@/field/composables/usePosition'
import { fieldDatabase, removeDatabase, type FieldDatabase } from '@/field/offline/db'
import { itemsOf } from '@/field/offline/outbox'
import { roundOf, startRound, stopRound } from '@/field/offline/rounds'
import { endedAt, trouble, walkFor } from '@/field/offline/walk'
import { walkSoon } from '@/field/offline/walking'

import { dropped, i18n } from './fakes'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const EIGHT = Date.parse('2026-11-25T00:00:00Z')

/** A browser that tells positions to whoever listens. */
const listeners = new Map<number, [PositionCallback, PositionErrorCallback]>()
const geolocation = {
  watchPosition: vi.fn((ok: PositionCallback, fail: PositionErrorCallback) => {
    const id = Math.random()
    listeners.set(id, [ok, fail])
    return id
  }),
  clearWatch: (id: number) => void listeners.delete(id),
  getCurrentPosition: vi.fn(),
}
const settle = async () => {
  for (let turn = 0; turn < 12; turn++) await new Promise((done) => setImmediate(done))
}
async function tell(step: number, accuracy = 8): Promise<void> {
  for (const [ok] of listeners.values()) ok({ coords: { longitude: 116.7, latitude: 23.7 + step * 0.0009, accuracy } } as GeolocationPosition)
  await settle()
}

let database: FieldDatabase
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: EIGHT })
  Object.defineProperty(navigator, 'geolocation', { value: geolocation, configurable: true })
  vi.spyOn(calls, 'startPatrol').mockRejectedValue(dropped())
  database = (await fieldDatabase())!
})
afterEach(async () => {
  await walkFor(null)
  await removeDatabase()
  vi.useRealTimers()
  vi.restoreAllMocks()
  geolocation.watchPosition.mockClear()
})

describe('the position', () => {
  it('is read by nobody while no round is walked', async () => {
    await walkFor('1')
    expect(geolocation.watchPosition).not.toHaveBeenCalled()
  })

  it('is read from start to stop, and is where the phone last was', async () => {
    await startRound(database, '1', null)
    await walkFor('1')
    expect(trouble.value).toBe('searching')
    await tell(1)
    expect([trouble.value, await database.points.count()]).toEqual(['', 1])
    expect(lastFix.value).toMatchObject({ lon: 116.7, accuracy: 8 })
    await stopRound(database, '1')
    await walkFor('1')
    expect(listeners.size).toBe(0)
  })

  it('is no longer read once another tab has stopped the round, or the person has signed out', async () => {
    await startRound(database, '1', null)
    await walkFor('1')
    await stopRound(database, '1')
    await tell(1)
    expect(listeners.size).toBe(0)
    await startRound(database, '1', null)
    await walkFor('1')
    await walkFor(null)
    expect(listeners.size).toBe(0)
  })

  it('is not noted for another person of this phone', async () => {
    await startRound(database, '1', null)
    await walkFor('2')
    expect(listeners.size).toBe(0)
  })

  it('is asked for where the browser says nothing of somebody who stands still', async () => {
    await startRound(database, '1', null)
    await walkFor('1')
    await tell(1)
    await vi.advanceTimersByTimeAsync(60_000)
    await settle()
    expect(geolocation.getCurrentPosition).toHaveBeenCalled()
  })

  it('that is not allowed or too rough is said, and the round goes on', async () => {
    await startRound(database, '1', null)
    await walkFor('1')
    await tell(1, 900)
    expect(trouble.value).toBe('poor')
    for (const [, fail] of listeners.values()) fail({ code: 1 } as GeolocationPositionError)
    expect(trouble.value).toBe('refused')
    expect(await roundOf(database, '1')).toBeDefined()
  })
})

describe('an app that is opened again', () => {
  it('goes on although the part asked for before anybody was known comes last', async () => {
    await startRound(database, '1', null)
    let arrive: (() => void) | undefined
    const nobody = walkSoon(null, () => new Promise((done) => (arrive = () => void import('@/field/offline/walk').then(done))))
    await walkSoon('1')
    arrive!()
    await nobody
    await tell(1)
    expect(await database.points.count()).toBe(1)
  })

  it('goes on by itself and says from when to when nothing was noted', async () => {
    await startRound(database, '1', null)
    await walkFor('1')
    await tell(1)
    await walkFor(null)
    vi.setSystemTime(EIGHT + 40 * MINUTE)
    await walkFor('1')
    await tell(2)
    const round = (await roundOf(database, '1'))!
    const track = mount(PatrolTrack, { props: { round, trouble: '', silence: null, when: (at: number) => `${(at - EIGHT) / MINUTE}` }, global: { plugins: [i18n()] } })
    expect(track.text()).toContain('0 至 40 没有位置记录')
    expect(track.text()).toContain('浏览器不再提供位置')
  })

  it('after twelve hours reads no position before somebody said that it still goes on', async () => {
    await startRound(database, '1', null)
    vi.setSystemTime(EIGHT + 12 * HOUR)
    await walkFor('1')
    expect(listeners.size).toBe(0)
    expect(await roundOf(database, '1')).toBeDefined()
  })

  it('after a day ends it with the last position, and says so', async () => {
    await startRound(database, '1', null)
    await walkFor('1')
    vi.setSystemTime(EIGHT + HOUR)
    await tell(1)
    await walkFor(null)
    vi.setSystemTime(EIGHT + 25 * HOUR)
    await walkFor('1')
    await flushPromises()
    expect(endedAt.value).toBe(EIGHT + HOUR)
    expect((await itemsOf(database, '1')).map((item) => item.kind)).toEqual(['patrol', 'patrol_points', 'patrol_stop'])
    expect(await roundOf(database, '1')).toBeUndefined()
  })
})
