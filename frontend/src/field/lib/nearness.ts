export interface LonLat {
  lon: number
  lat: number
}

const METRES_PER_DEGREE = 111_320

/** Metres between two places, near enough for what lies within a town. */
export function metresBetween(one: LonLat, other: LonLat): number {
  const east = (one.lon - other.lon) * METRES_PER_DEGREE * Math.cos((one.lat * Math.PI) / 180)
  const north = (one.lat - other.lat) * METRES_PER_DEGREE
  return Math.hypot(east, north)
}
