import { describe, expect, it } from 'vitest'

import { areaText, callable, daysText } from '@/center/ground/words'

const said = (key: string, values: Record<string, unknown> = {}) => `${key} ${values.n ?? ''}`.trim()

describe('figures of the ground', () => {
  it('are square metres up to a hectare and hectares from there', () => {
    expect(areaText(9_999.4, said)).toBe('ground.squareMetres 9999')
    expect(areaText(12_345, said)).toBe('ground.hectares 1.23')
    expect(areaText(null, said)).toBe('—')
  })

  it('tell today, days and never apart', () => {
    expect(daysText(0, said)).toBe('ground.visitedToday')
    expect(daysText(12, said)).toBe('ground.notVisited 12')
    expect(daysText(null, said)).toBe('ground.neverVisited')
  })

  it('offer to call full numbers only', () => {
    expect(callable('13800000000')).toBe(true)
    expect(callable('0768-1234567')).toBe(true)
    expect(callable('138****0000')).toBe(false)
    expect(callable('')).toBe(false)
  })
})
