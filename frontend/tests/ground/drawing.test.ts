import type { MultiPolygon, Polygon } from 'geojson'
import { describe, expect, it } from 'vitest'

import { addPoint, cornersOf, draftOf, emptyDraft, insertPoint, lineOf, middlesOf, movePoint, outlineOf, pasted, pointsOf, removePoint } from '@/center/ground/drawing'

const SQUARE: Polygon = { type: 'Polygon', coordinates: [[[116, 23], [117, 23], [117, 24], [116, 24], [116, 23]]] }
const TWO: MultiPolygon = {
  type: 'MultiPolygon',
  coordinates: [SQUARE.coordinates, [[[118, 23], [119, 23], [119, 24], [118, 23]], [[118.5, 23.2], [118.7, 23.2], [118.7, 23.4], [118.5, 23.2]]]],
}
const first = { polygon: 0, ring: 0, point: 0 }

describe('a drawing', () => {
  it('becomes a line with its second point', () => {
    const one = addPoint(emptyDraft('line'), [116.1, 23.1])
    expect(lineOf(one)).toBeNull()
    expect(lineOf(addPoint(one, [116.2, 23.2]))).toEqual({ type: 'LineString', coordinates: [[116.1, 23.1], [116.2, 23.2]] })
  })

  it('becomes an area with its third point, closed for the server and open for the hand', () => {
    let draft = emptyDraft('area')
    for (const point of [[116, 23], [117, 23], [117, 24]] as const) draft = addPoint(draft, [...point])
    expect(pointsOf(draft)).toBe(3)
    expect(outlineOf(draft)).toEqual({ type: 'Polygon', coordinates: [[[116, 23], [117, 23], [117, 24], [116, 23]]] })
  })

  it('never takes a line for an area, or an area for a line', () => {
    expect(lineOf(draftOf(SQUARE))).toBeNull()
    expect(outlineOf({ ...emptyDraft('line'), polygons: [[[[1, 1], [2, 2], [3, 1]]]] })).toBeNull()
  })

  it('gives back an outline of several parts with its hole as it came', () => {
    expect(outlineOf(draftOf(TWO))).toEqual(TWO)
  })

  it('moves a corner and leaves the drawing it came from alone', () => {
    const before = draftOf(SQUARE)
    const after = movePoint(before, first, [115.9, 22.9])
    expect(outlineOf(after)!.coordinates[0]![0]).toEqual([115.9, 22.9])
    expect(outlineOf(after)!.coordinates[0]!.at(-1)).toEqual([115.9, 22.9])
    expect(outlineOf(before)).toEqual(SQUARE)
  })

  it('makes a corner of a pulled middle, behind the corner it is named by', () => {
    const middles = middlesOf(draftOf(SQUARE))
    expect(middles).toHaveLength(4)
    expect(middles[3]).toEqual({ at: { polygon: 0, ring: 0, point: 3 }, point: [116, 23.5] })
    const after = insertPoint(draftOf(SQUARE), middles[0]!.at, [116.5, 22.8])
    expect(after.polygons[0]![0]![1]).toEqual([116.5, 22.8])
    expect(pointsOf(after)).toBe(5)
  })

  it('has no middle between the ends of a line', () => {
    expect(middlesOf({ shape: 'line', polygons: [[[[116, 23], [117, 23], [117, 24]]]] })).toHaveLength(2)
  })

  it('takes corners away, but no hole or part below three', () => {
    expect(pointsOf(removePoint(draftOf(SQUARE), first))).toBe(3)
    const hole = { polygon: 1, ring: 1, point: 0 }
    expect(pointsOf(removePoint(draftOf(TWO), hole))).toBe(pointsOf(draftOf(TWO)))
  })

  it('snaps to corners of outlines only', () => {
    expect(cornersOf([SQUARE, null, { type: 'Point', coordinates: [1, 1] }])).toHaveLength(4)
  })
})

describe('a drawing by text', () => {
  const text = (value: unknown) => JSON.stringify(value)
  it('takes a geometry, a feature, or a collection of one', () => {
    const feature = { type: 'Feature', properties: {}, geometry: SQUARE }
    for (const value of [SQUARE, feature, { type: 'FeatureCollection', features: [feature] }]) {
      expect(pasted(text(value), 'area')).toEqual({ draft: draftOf(SQUARE) })
    }
  })

  it.each([
    ['{"type": "Polygon"', 'notJson'],
    ['null', 'notThisShape'],
    ['[]', 'notThisShape'],
    [text({ type: 'LineString', coordinates: [[1, 1], [2, 2]] }), 'notThisShape'],
    [text({ type: 'FeatureCollection', features: [] }), 'notThisShape'],
    [text({ type: 'Polygon', coordinates: [[[504000, 2620000], [504100, 2620000], [504100, 2620100], [504000, 2620000]]] }), 'notDegrees'],
    [text({ type: 'Polygon', coordinates: [] }), 'notDegrees'],
    [text({ type: 'Polygon', coordinates: [[['a', 'b']]] }), 'notDegrees'],
    [text({ type: 'MultiPolygon', coordinates: SQUARE.coordinates }), 'notThisShape'],
  ])('refuses %s', (value, problem) => {
    expect(pasted(value, 'area')).toEqual({ problem })
  })

  it('takes a line where a line is wanted', () => {
    const line = { type: 'LineString', coordinates: [[116.1, 23.1], [116.2, 23.2]] }
    expect(pasted(text(line), 'line')).toEqual({ draft: { shape: 'line', polygons: [[line.coordinates]] } })
  })
})
