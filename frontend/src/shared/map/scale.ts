// How many open cases a cell has, as one hue from light to dark: lightness alone carries the order, so the scale
// reads the same for every kind of colour vision and in print. Borders and numbers stay legible on all steps.
import type { Light } from '@/shared/api/types'

export interface Step {
  from: number
  to: number | null
  colour: string
}

export const STEPS: readonly Step[] = [
  { from: 0, to: 0, colour: '#f3f7f6' },
  { from: 1, to: 2, colour: '#cfe6e4' },
  { from: 3, to: 5, colour: '#93c6c8' },
  { from: 6, to: 9, colour: '#4f9aa6' },
  { from: 10, to: null, colour: '#1f6a7d' },
]

export function stepOf(count: number): Step {
  const found = STEPS.findLast((step) => count >= step.from)
  return found ?? STEPS[0]!
}

export function colourOf(count: number): string {
  return stepOf(count).colour
}

export function labelOf(step: Step): string {
  if (step.to === null) return `${step.from}+`
  return step.from === step.to ? String(step.from) : `${step.from}–${step.to}`
}

export const LIGHT_COLOURS: Record<Light, string> = {
  green: '#1d8a55',
  yellow: '#f2b035',
  red: '#d3322a',
  dark_red: '#6d0f2b',
  none: '#7b8c93',
}

export type Shape = 'circle' | 'triangle' | 'diamond' | 'square'

/** The same shapes as the due light in lists: colour is never the only sign. */
export const LIGHT_SHAPES: Record<Light, Shape> = {
  green: 'circle',
  yellow: 'triangle',
  red: 'diamond',
  dark_red: 'square',
  none: 'circle',
}
