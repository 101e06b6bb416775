import type { Area } from '@/shared/api/types'

type Ring = [number, number][]

/** Whether the point lies within the ring, by the even-odd rule. */
function within(ring: Ring, lon: number, lat: number): boolean {
  let inside = false
  for (let now = 0, before = ring.length - 1; now < ring.length; before = now++) {
    const [x1, y1] = ring[now]!
    const [x2, y2] = ring[before]!
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

function polygonsOf(area: Area): Ring[][] {
  const shape = area.geometry
  if (shape?.type === 'Polygon') return [shape.coordinates as Ring[]]
  return shape?.type === 'MultiPolygon' ? (shape.coordinates as Ring[][]) : []
}

/** The cell whose outline holds the point (degrees, WGS-84), from what the phone keeps; null if none does. */
export function cellAt(cells: readonly Area[], lon: number, lat: number): Area | null {
  const holds = ([outer, ...holes]: Ring[]) => outer !== undefined && within(outer, lon, lat) && !holes.some((hole) => within(hole, lon, lat))
  return cells.find((cell) => polygonsOf(cell).some(holds)) ?? null
}
