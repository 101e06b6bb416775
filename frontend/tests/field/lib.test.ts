import { afterEach, describe, expect, it, vi } from 'vitest'

import en from '@/field/i18n/en'
import zh from '@/field/i18n/zh'
import { cellAt } from '@/field/lib/cellAt'
import { isUnanswered } from '@/field/lib/errors'
import { fitWithin, momentOf, preparePhoto, takenFrom, UnreadablePhoto } from '@/field/lib/photo'
import { withTimeout } from '@/field/lib/timed'
import { newId } from '@/shared/newId'
import { ApiError } from '@/shared/api/client'
import type { Area } from '@/shared/api/types'

afterEach(() => vi.unstubAllGlobals())

describe('a UUID', () => {
  it('is of version 4 also where the browser cannot make one', () => {
    const getRandomValues = crypto.getRandomValues.bind(crypto)
    vi.stubGlobal('crypto', { getRandomValues })
    const made = new Set(Array.from({ length: 200 }, newId))
    expect(made.size).toBe(200)
    for (const uuid of made) expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('a photo', () => {
  it.each([
    [4000, 3000, { width: 1600, height: 1200 }],
    [3000, 4000, { width: 1200, height: 1600 }],
    [800, 600, { width: 800, height: 600 }],
    [9000, 2, { width: 1600, height: 1 }],
  ])('of %i × %i fits within 1600', (width, height, size) => {
    expect(fitWithin(width, height, 1600)).toEqual(size)
  })

  it('goes as it is when this browser cannot make it smaller and the server takes its kind', async () => {
    vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('no')))
    const file = new File(['x'], 'a.jpg', { type: 'image/jpeg' })
    expect((await preparePhoto(file)).blob).toBe(file)
  })

  it('is called unreadable when nobody could open it', async () => {
    vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('no')))
    await expect(preparePhoto(new File(['x'], 'a.heic', { type: 'image/heic' }))).rejects.toBeInstanceOf(UnreadablePhoto)
  })
})

describe('an answer', () => {
  it('that does not come in time counts as none', async () => {
    const failure = await withTimeout(new Promise(() => undefined), 5).catch((error: unknown) => error)
    expect(isUnanswered(failure)).toBe(true)
  })

  it.each([[400, false], [401, false], [409, false], [500, true], [503, true], [0, true]])('with status %i', (status, unanswered) => {
    expect(isUnanswered(new ApiError(status, 'x', ''))).toBe(unanswered)
  })
})

type Tree = { [key: string]: string | Tree }
const leaves = (tree: Tree, path = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [`${path}${key} ${[...new Set(value.match(/\{\w+\}/g) ?? [])].sort().join()}`]
      : leaves(value, `${path}${key}.`),
  )

describe('the texts', () => {
  it('have the same keys and placeholders in both languages', () => {
    expect(leaves(en).sort()).toEqual(leaves(zh).sort())
  })
})

describe('the cell of a point without signal', () => {
  const square = (code: string, west: number): Area =>
    ({ code, name: code, geometry: { type: 'MultiPolygon', coordinates: [[[[west, 22], [west + 0.01, 22], [west + 0.01, 22.01], [west, 22.01], [west, 22]]]] } }) as unknown as Area
  const hollow = { code: 'ring', name: 'ring', geometry: { type: 'Polygon', coordinates: [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]] } } as unknown as Area

  it('is the one whose outline holds it', () => {
    const cells = [square('A', 118), square('B', 118.01)]
    expect([cellAt(cells, 118.005, 22.005)?.code, cellAt(cells, 118.015, 22.005)?.code, cellAt(cells, 118.03, 22.005)]).toEqual(['A', 'B', null])
  })

  it('is none in a hole, and none without outlines', () => {
    expect([cellAt([hollow], 0.5, 2)?.code, cellAt([hollow], 2, 2), cellAt([{ code: 'x', geometry: null } as Area], 1, 1)]).toEqual(['ring', null, null])
  })
})

describe('when and where a photo was taken', () => {
  it('is read before it is made small, in the zone it names or else the one of the people here', () => {
    expect(momentOf('2026:11:25 10:00:00')).toBe('2026-11-25T02:00:00.000Z')
    expect(momentOf('2026:11:25 10:00:00', '+09:00')).toBe('2026-11-25T01:00:00.000Z')
    expect([momentOf('0000:00:00 00:00:00'), momentOf('yesterday'), momentOf(undefined)]).toEqual([null, null, null])
  })

  it('is left out where the phone wrote nothing, and half a place is none', () => {
    expect(takenFrom({})).toEqual({})
    expect(takenFrom({ gps: { Latitude: 22 } })).toEqual({})
    expect(takenFrom({ gps: { Latitude: 22, Longitude: 118 } })).toEqual({ lon: 118, lat: 22 })
  })
})
