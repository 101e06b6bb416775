import type { CellState } from '../composables/useLocatedCell'
import { POOR_ACCURACY_M, type PositionState } from '../composables/usePosition'

import type { Place } from './draft'

export interface Said {
  key: string
  values: Record<string, number>
  warning: boolean
}

const say = (key: string, warning = false, n = 0): Said => ({ key: `field.place.${key}`, values: { n }, warning })

/** The one sentence that stands above the map. Nothing in it stops a report. */
export function placeStatus(position: PositionState, place: Place | null, cell: CellState): Said | null {
  if (position === 'asking') return say('asking')
  if (!place) return withoutPlace(position)
  if (place.kind === 'cell') return cellOnly(position)
  if (cell === 'outside') return say('outside', true)
  if (cell === 'unknown') return say('unknownCell')
  if (place.accuracy === null) return say('pinned')
  const metres = Math.round(place.accuracy)
  return metres > POOR_ACCURACY_M ? say('poor', true, metres) : say('accuracy', false, metres)
}

function withoutPlace(position: PositionState): Said | null {
  if (position === 'refused') return say('refused', true)
  return position === 'unavailable' ? say('unavailable', true) : null
}

function cellOnly(position: PositionState): Said {
  if (position === 'refused') return say('refusedCell')
  return position === 'unavailable' ? say('unavailableCell') : say('cellOnly')
}
