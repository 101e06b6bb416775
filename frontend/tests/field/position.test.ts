import { afterEach, describe, expect, it, vi } from 'vitest'

import { usePosition } from '@/field/composables/usePosition'
import { placeStatus } from '@/field/lib/placeStatus'

type Ask = (ok: PositionCallback, fail: PositionErrorCallback, options: PositionOptions) => void

function phone(ask: Ask | null): void {
  vi.stubGlobal('navigator', ask ? { geolocation: { getCurrentPosition: ask } } : {})
}
const fails = (code: number) => ({ code }) as GeolocationPositionError
const fix = { coords: { longitude: 116.7, latitude: 23.7, accuracy: 150 } } as GeolocationPosition

afterEach(() => vi.unstubAllGlobals())

describe('position', () => {
  it('tells a refusal from a missing signal and does not ask again behind it', async () => {
    const ask = vi.fn<Ask>((_ok, fail) => fail(fails(1)))
    phone(ask)
    const { state, locate } = usePosition()
    expect(await locate()).toBeNull()
    expect(state.value).toBe('refused')
    expect(ask).toHaveBeenCalledOnce()
  })

  it('takes a rough fix when no precise one comes', async () => {
    phone((ok, fail, options) => (options.enableHighAccuracy ? fail(fails(3)) : ok(fix)))
    const { state, locate } = usePosition()
    expect(await locate()).toEqual({ lon: 116.7, lat: 23.7, accuracy: 150 })
    expect(state.value).toBe('found')
  })

  it('is unavailable, not broken, on a phone without it', async () => {
    phone(null)
    const { state, locate } = usePosition()
    expect(await locate()).toBeNull()
    expect(state.value).toBe('unavailable')
  })
})

describe('the sentence above the map', () => {
  const point = (accuracy: number | null) => ({ kind: 'point' as const, lon: 1, lat: 1, accuracy, source: 'gps' as const })

  it.each([
    [12.4, 'field.place.accuracy', false, 12],
    [100, 'field.place.accuracy', false, 100],
    [100.6, 'field.place.poor', true, 101],
  ])('shows an accuracy of %s m', (metres, key, warning, n) => {
    expect(placeStatus('found', point(metres), 'found')).toEqual({ key, warning, values: { n } })
  })

  it('offers the map and the cell after a refusal', () => {
    expect(placeStatus('refused', null, 'none')?.key).toBe('field.place.refused')
  })

  it('says that the own cell is kept when GPS was refused', () => {
    expect(placeStatus('refused', { kind: 'cell', code: '1', name: 'x' }, 'none')?.key).toBe('field.place.refusedCell')
  })

  it('says plainly that a point lies outside', () => {
    expect(placeStatus('found', point(5), 'outside')).toMatchObject({ key: 'field.place.outside', warning: true })
  })
})
