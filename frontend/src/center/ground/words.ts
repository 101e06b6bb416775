// Figures of the ground as people say them.
import type { Camera, PatrolArea } from './contract'

type Translate = (key: string, values?: Record<string, unknown>) => string

const HECTARE = 10_000
const KEPT_DIGITS = 2

/** Square metres up to a hectare, then hectares: what a person can picture. */
export function areaText(squareMetres: number | null, t: Translate): string {
  if (squareMetres === null) return '—'
  if (squareMetres < HECTARE) return t('ground.squareMetres', { n: Math.round(squareMetres) })
  return t('ground.hectares', { n: (squareMetres / HECTARE).toFixed(KEPT_DIGITS) })
}

export function daysText(days: number | null, t: Translate): string {
  if (days === null) return t('ground.neverVisited')
  return days === 0 ? t('ground.visitedToday') : t('ground.notVisited', { n: days })
}

export function cameraState(camera: Pick<Camera, 'online' | 'reported_at'>, t: Translate): string {
  if (camera.reported_at === null) return t('ground.cameras.unknown')
  return camera.online ? t('ground.cameras.online') : t('ground.cameras.offline')
}

export function patrolText(area: PatrolArea, t: Translate, day: (iso: string) => string): string {
  const last = area.last_visited_at ? t('ground.patrols.last', { day: day(area.last_visited_at) }) : t('ground.neverVisited')
  return [area.name, area.kind_name, last].join('\n')
}

/** A full number can be called; a masked one ("138****0000") only shows that there is one. */
export function callable(phone: string): boolean {
  return /^[+\d][\d\s-]{4,}$/.test(phone)
}
