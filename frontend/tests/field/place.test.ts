import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ref, type Ref } from 'vue'

import { calls } from '@/field/api'
import PlaceSection from '@/field/components/PlaceSection.vue'
import { useOwnCells, useWater } from '@/field/composables/useLists'
import type { Place } from '@/field/lib/draft'
import type { Area } from '@/shared/api/types'

import { i18n } from './fakes'

// Leaflet measures the screen, which jsdom has none of.
vi.mock('@/field/components/LazyPinMap', () => ({ LazyPinMap: { name: 'LazyPinMap', emits: ['pick'], render: () => null } }))

const cell = (code: string): Area => ({ id: 1, code, name: `网格${code}`, level: 'cell', parent: null, kind: 'general', synthetic: true, centroid: null, geometry: null })

function show(place: Ref<Place | null>) {
  return mount(PlaceSection, {
    global: { plugins: [i18n()] },
    props: { modelValue: place.value, 'onUpdate:modelValue': (value: Place | null) => (place.value = value) },
  })
}

describe('choosing the place', () => {
  beforeEach(() => {
    useOwnCells().forget()
    useWater().forget()
    vi.spyOn(calls, 'water').mockResolvedValue({ results: [] })
    vi.stubGlobal('navigator', { geolocation: { getCurrentPosition: (_ok: PositionCallback, fail: PositionErrorCallback) => fail({ code: 1 } as GeolocationPositionError) } })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  it('keeps the own cell without a point when GPS is refused and there is only one', async () => {
    vi.spyOn(calls, 'ownCells').mockResolvedValue({ results: [cell('1')] })
    const place = ref<Place | null>(null)
    show(place)
    await flushPromises()
    expect(place.value).toEqual({ kind: 'cell', code: '1', name: '网格1' })
  })

  it('leaves the choice to the person when there are several cells', async () => {
    vi.spyOn(calls, 'ownCells').mockResolvedValue({ results: [cell('1'), cell('2')] })
    const place = ref<Place | null>(null)
    const page = show(place)
    await flushPromises()
    expect(place.value).toBeNull()
    expect(page.text()).toContain('定位没有被允许')
  })

  it('takes a tap on the map as a point without accuracy', async () => {
    vi.spyOn(calls, 'ownCells').mockResolvedValue({ results: [cell('1'), cell('2')] })
    const place = ref<Place | null>(null)
    const page = show(place)
    await flushPromises()
    page.getComponent({ name: 'LazyPinMap' }).vm.$emit('pick', 116.7, 23.7)
    expect(place.value).toEqual({ kind: 'point', lon: 116.7, lat: 23.7, accuracy: null, source: 'pin' })
  })

  it('does not ask for the position again when a draft brought one', async () => {
    vi.spyOn(calls, 'ownCells').mockResolvedValue({ results: [] })
    vi.spyOn(calls, 'locate').mockRejectedValue(new Error('offline'))
    const kept: Place = { kind: 'point', lon: 1, lat: 2, accuracy: 9, source: 'gps' }
    const place = ref<Place | null>(kept)
    show(place)
    await flushPromises()
    expect(place.value).toEqual(kept)
  })
})
