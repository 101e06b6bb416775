import { describe, expect, it } from 'vitest'

import { colourOf, labelOf, LIGHT_SHAPES, STEPS } from '@/shared/map/scale'

function lightness(hex: string): number {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

describe('the colours of the map', () => {
  it('get darker with every step, so that the order is read without seeing hue', () => {
    const values = STEPS.map((step) => lightness(step.colour))
    for (let index = 1; index < values.length; index += 1) {
      expect((values[index - 1]! + 0.05) / (values[index]! + 0.05)).toBeGreaterThan(1.2)
    }
  })

  it('cover every count without gaps', () => {
    for (let count = 1; count <= 30; count += 1) {
      expect(STEPS.filter((step) => count >= step.from && (step.to === null || count <= step.to))).toHaveLength(1)
    }
    expect(colourOf(0)).not.toBe(colourOf(1))
    expect(colourOf(500)).toBe(STEPS.at(-1)!.colour)
  })

  it('are labelled with their range', () => {
    expect(STEPS.map(labelOf)).toEqual(['0', '1–2', '3–5', '6–9', '10+'])
  })

  it('give each running light its own shape', () => {
    const { none, ...running } = LIGHT_SHAPES
    expect(new Set(Object.values(running)).size).toBe(4)
    expect(none).toBe('circle')
  })
})
