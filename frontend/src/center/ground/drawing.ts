// What a person has drawn so far, apart from how it is drawn: the map moves points, a text field replaces them all.
import type { Geometry, LineString, Position } from 'geojson'

import type { Outline } from './contract'

export type LonLat = [number, number]
export type DraftShape = 'line' | 'area'

/** Polygons of rings of points, rings without their closing point; a line is the only ring of the only polygon. */
export interface Draft {
  shape: DraftShape
  polygons: LonLat[][][]
}
export interface Corner {
  polygon: number
  ring: number
  point: number
}

const DIGITS = 7

export function rounded([lon, lat]: readonly number[]): LonLat {
  return [Number(lon!.toFixed(DIGITS)), Number(lat!.toFixed(DIGITS))]
}

export function emptyDraft(shape: DraftShape): Draft {
  return { shape, polygons: [[[]]] }
}

export function pointsOf(draft: Draft): number {
  return draft.polygons.flat().reduce((sum, ring) => sum + ring.length, 0)
}

const openRing = (ring: readonly Position[]): LonLat[] => ring.slice(0, -1).map((point) => rounded(point))

export function draftOf(geometry: Outline | LineString): Draft {
  if (geometry.type === 'LineString') return { shape: 'line', polygons: [[geometry.coordinates.map((point) => rounded(point))]] }
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return { shape: 'area', polygons: polygons.map((rings) => rings.map(openRing)) }
}

export function lineOf(draft: Draft): LineString | null {
  const points = draft.polygons[0]?.[0] ?? []
  return draft.shape === 'line' && points.length >= 2 ? { type: 'LineString', coordinates: points } : null
}

export function outlineOf(draft: Draft): Outline | null {
  if (draft.shape !== 'area') return null
  const polygons = draft.polygons.filter((rings) => (rings[0]?.length ?? 0) >= 3)
  if (!polygons.length) return null
  const closed = polygons.map((rings) => rings.filter((ring) => ring.length >= 3).map((ring) => [...ring, ring[0]!]))
  return closed.length === 1 ? { type: 'Polygon', coordinates: closed[0]! } : { type: 'MultiPolygon', coordinates: closed }
}

function withRing(draft: Draft, at: Omit<Corner, 'point'>, change: (ring: LonLat[]) => LonLat[]): Draft {
  const polygons = draft.polygons.map((rings, polygon) =>
    rings.map((ring, index) => (polygon === at.polygon && index === at.ring ? change([...ring]) : ring)),
  )
  return { ...draft, polygons }
}

export function addPoint(draft: Draft, point: LonLat): Draft {
  return withRing(draft, { polygon: 0, ring: 0 }, (ring) => [...ring, rounded(point)])
}

export function movePoint(draft: Draft, at: Corner, point: LonLat): Draft {
  return withRing(draft, at, (ring) => ring.with(at.point, rounded(point)))
}

/** A new point behind the given one, as when somebody pulls a line in its middle. */
export function insertPoint(draft: Draft, at: Corner, point: LonLat): Draft {
  return withRing(draft, at, (ring) => ring.toSpliced(at.point + 1, 0, rounded(point)))
}

export function removePoint(draft: Draft, at: Corner): Draft {
  const least = draft.shape === 'area' ? 3 : 0
  return withRing(draft, at, (ring) => (ring.length > least || draft.polygons.length === 1 ? ring.toSpliced(at.point, 1) : ring))
}

/** Middles of all edges, each named by the corner it lies behind. */
export function middlesOf(draft: Draft): { at: Corner; point: LonLat }[] {
  return draft.polygons.flatMap((rings, polygon) =>
    rings.flatMap((ring, index) =>
      ring.flatMap((from, point) => {
        const to = point + 1 < ring.length ? ring[point + 1]! : draft.shape === 'area' && ring.length > 2 ? ring[0]! : null
        return to ? [{ at: { polygon, ring: index, point }, point: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2] as LonLat }] : []
      }),
    ),
  )
}

/** Every corner of these outlines: what a drawn point may snap to. */
export function cornersOf(geometries: readonly (Geometry | null)[]): LonLat[] {
  return geometries.flatMap((geometry) =>
    geometry && (geometry.type === 'Polygon' || geometry.type === 'MultiPolygon') ? draftOf(geometry).polygons.flat(2) : [],
  )
}

export type Pasted = { draft: Draft } | { problem: 'notJson' | 'notThisShape' | 'notDegrees' }

function geometryIn(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return null
  const found = value as { type?: unknown; geometry?: unknown; features?: unknown }
  if (found.type === 'Feature') return found.geometry
  if (found.type === 'FeatureCollection' && Array.isArray(found.features) && found.features.length === 1) return geometryIn(found.features[0])
  return value
}

const WANTED: Record<DraftShape, readonly string[]> = { line: ['LineString'], area: ['Polygon', 'MultiPolygon'] }

function inDegrees(coordinates: unknown): boolean {
  if (!Array.isArray(coordinates)) return false
  if (typeof coordinates[0] !== 'number') return coordinates.length > 0 && coordinates.every(inDegrees)
  const [lon, lat] = coordinates as unknown[]
  return typeof lon === 'number' && typeof lat === 'number' && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
}

/** GeoJSON from a text field: the way to draw without a mouse, and from another program. */
export function pasted(text: string, shape: DraftShape): Pasted {
  let geometry: unknown
  try {
    geometry = geometryIn(JSON.parse(text))
  } catch {
    return { problem: 'notJson' }
  }
  const { type, coordinates } = (geometry ?? {}) as { type?: string; coordinates?: unknown }
  if (!type || !WANTED[shape].includes(type)) return { problem: 'notThisShape' }
  if (!inDegrees(coordinates)) return { problem: 'notDegrees' }
  try {
    return { draft: draftOf(geometry as Outline | LineString) }
  } catch {
    // Brackets nested otherwise than the type says.
    return { problem: 'notThisShape' }
  }
}
