import 'fake-indexeddb/auto'

import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import PatrolCard from '@/field/components/PatrolCard.vue'
import { usePatrolAreas } from '@/field/composables/useLists'
import { fieldDatabase, removeDatabase, type FieldDatabase } from '@/field/offline/db'
import { flush } from '@/field/offline/outbox'
import { startRound, stopRound, tickByHand } from '@/field/offline/rounds'
import { wipePerson } from '@/field/offline/wipe'
import { api } from '@/shared/api/client'
import type { PatrolArea } from '@/shared/api/types'
import { loadSession } from '@/shared/session'

import { i18n } from './fakes'

const area = (id: number, name: string, more: Partial<PatrolArea>) => ({ id, name, every_days: 7, reach_metres: 30, check_points: [], late: true, ...more }) as PatrolArea
const AREAS = [
  area(1, '甲村日常巡查', { days_since: 2, late: false }),
  area(2, '示范河巡河', { days_since: 9 }),
  area(3, '老街夜巡', { days_since: null, check_points: [{ id: 31, name: '牌坊', lon: 1, lat: 1, last_visited_at: null }] }),
  area(4, '干渠巡查', { days_since: 30 }),
]

let database: FieldDatabase
async function signedInAs(role: string): Promise<void> {
  vi.spyOn(api, 'get').mockResolvedValueOnce({ signed_in: true, user: { id: 1, roles: [role], posts: [] } })
  await loadSession(true)
}
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((done) => setTimeout(done, 2))
  await flushPromises()
}
async function card() {
  const shown = mount(PatrolCard, { global: { plugins: [i18n()], stubs: { RouterLink: { props: ['to'], template: '<a :data-to="JSON.stringify(to)"><slot /></a>' } } } })
  await settle()
  return shown
}

beforeEach(async () => {
  await signedInAs('grid_worker')
  vi.spyOn(calls, 'patrolAreas').mockResolvedValue({ results: AREAS })
  usePatrolAreas().forget()
  database = (await fieldDatabase())!
})
afterEach(async () => {
  await removeDatabase()
  vi.restoreAllMocks()
})

describe('on the home page', () => {
  it('what is late stands first by need, and one tap leads to it', async () => {
    const shown = await card()
    const text = shown.text()
    expect(text).toContain('该巡查了')
    expect(text.indexOf('老街夜巡')).toBeLessThan(text.indexOf('干渠巡查'))
    expect(text).toContain('30 天没去了，应每 7 天一次')
    expect(text).not.toContain('甲村日常巡查')
    expect(JSON.parse(shown.get('a').attributes('data-to')!)).toEqual({ name: 'patrol', query: { area: 3 } })
  })

  it('the round that is being walked stands instead, with its check-points', async () => {
    await startRound(database, '1', AREAS[2]!)
    await tickByHand(database, '1', 31)
    const shown = await card()
    expect(shown.text()).toContain('巡查中')
    expect(shown.text()).toContain('点位 1/1')
    expect(shown.text()).not.toContain('该巡查了')
  })

  it('an area that was just walked is not called late, also before the server knows', async () => {
    await startRound(database, '1', AREAS[2]!)
    await stopRound(database, '1')
    expect((await card()).text()).not.toContain('老街夜巡')
  })

  it('whoever has no ground to walk sees nothing of it and asks for nothing', async () => {
    await signedInAs('handler')
    expect((await card()).text()).toBe('')
    expect(calls.patrolAreas).not.toHaveBeenCalled()
  })
})

describe('signing out', () => {
  it('leaves nothing of a round, and nothing of another person’s is touched', async () => {
    vi.spyOn(calls, 'startPatrol').mockResolvedValue({})
    for (const owner of ['1', '2']) {
      await startRound(database, owner, AREAS[2]!)
      await database.points.add({ owner, patrol: 'x', lon: 1, lat: 1, accuracy: 5, at: 1 })
      await flush(database, owner)
    }
    await wipePerson('1')
    expect((await database.rounds.toArray()).map((round) => round.owner)).toEqual(['2'])
    expect((await database.points.toArray()).map((point) => point.owner)).toEqual(['2'])
  })
})
