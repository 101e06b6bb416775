import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ref, type Ref } from 'vue'

import { calls } from '@/field/api'
import PlaceSection from '@/field/components/PlaceSection.vue'
import { useCells, useWater } from '@/field/composables/useLists'
import type { Place } from '@/field/lib/draft'
import { api } from '@/shared/api/client'
import type { Area, Post, Session } from '@/shared/api/types'
import { loadSession } from '@/shared/session'

import { i18n } from './fakes'

// Leaflet measures the screen, which jsdom has none of.
vi.mock('@/field/components/LazyPinMap', () => ({ LazyPinMap: { name: 'LazyPinMap', emits: ['pick'], render: () => null } }))

const cell = (code: string): Area => ({ id: 1, code, name: `网格${code}`, level: 'cell', parent: null, kind: 'general', synthetic: true, centroid: null, geometry: null })

const post = (code: string, level: Post['area']['level']): Post => ({ role: 'grid_worker', role_name: '网格员', area: { code, name: `网格${code}`, level }, organisation: null })
async function signedInWith(...posts: Post[]): Promise<void> {
  const user = { id: 1, posts } as unknown as Session['user']
  vi.spyOn(api, 'get').mockResolvedValueOnce({ signed_in: true, demo: false, language: 'zh-hans', user })
  await loadSession(true)
}

function show(place: Ref<Place | null>) {
  return mount(PlaceSection, {
    global: { plugins: [i18n()] },
    props: { ready: true, modelValue: place.value, 'onUpdate:modelValue': (value: Place | null) => (place.value = value) },
  })
}

describe('choosing the place', () => {
  beforeEach(() => {
    useCells().forget()
    useWater().forget()
    vi.spyOn(calls, 'water').mockResolvedValue({ results: [] })
    vi.stubGlobal('navigator', { geolocation: { getCurrentPosition: (_ok: PositionCallback, fail: PositionErrorCallback) => fail({ code: 1 } as GeolocationPositionError) } })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  it('keeps the own cell without a point when GPS is refused, even when no list of cells could be loaded', async () => {
    await signedInWith(post('1', 'cell'))
    vi.spyOn(calls, 'cells').mockRejectedValue(new Error('offline'))
    const place = ref<Place | null>(null)
    show(place)
    await flushPromises()
    expect(place.value).toEqual({ kind: 'cell', code: '1', name: '网格1' })
  })

  it('leaves the choice to the person when there are several cells', async () => {
    await signedInWith(post('1', 'cell'), post('2', 'cell'))
    vi.spyOn(calls, 'cells').mockResolvedValue({ results: [cell('1'), cell('2')] })
    const place = ref<Place | null>(null)
    const page = show(place)
    await flushPromises()
    expect(place.value).toBeNull()
    expect(page.text()).toContain('定位没有被允许')
  })

  it('lists the own cells before the neighbours’', async () => {
    await signedInWith(post('2', 'village'))
    vi.spyOn(calls, 'cells').mockResolvedValue({ results: [cell('11'), cell('21'), cell('22')] })
    HTMLDialogElement.prototype.showModal = vi.fn()
    const page = show(ref<Place | null>(null))
    await flushPromises()
    await page.findAll('.ways button')[1]!.trigger('click')
    expect(page.findAll('.cells button').map((button) => button.text())).toEqual(['网格21', '网格22', '网格11'])
  })

  it('takes a tap on the map as a point without accuracy', async () => {
    vi.spyOn(calls, 'cells').mockResolvedValue({ results: [cell('1'), cell('2')] })
    const place = ref<Place | null>(null)
    const page = show(place)
    await flushPromises()
    page.getComponent({ name: 'LazyPinMap' }).vm.$emit('pick', 116.7, 23.7)
    expect(place.value).toEqual({ kind: 'point', lon: 116.7, lat: 23.7, accuracy: null, source: 'pin' })
  })

  it('does not ask for the position again when a draft brought one', async () => {
    vi.spyOn(calls, 'cells').mockResolvedValue({ results: [] })
    vi.spyOn(calls, 'locate').mockRejectedValue(new Error('offline'))
    const kept: Place = { kind: 'point', lon: 1, lat: 2, accuracy: 9, source: 'gps' }
    const place = ref<Place | null>(kept)
    show(place)
    await flushPromises()
    expect(place.value).toEqual(kept)
  })
})
