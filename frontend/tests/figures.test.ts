import { describe, expect, it } from 'vitest'

import { changeOf, figureText, weeksBack } from '@/center/composables/figures'

describe('the figures of the week', () => {
  it('show a rate as a percentage and nothing to divide by as a dash', () => {
    expect(figureText(0.8714, true)).toBe('87.1%')
    expect(figureText(null, true)).toBe('–')
    expect(figureText(0, false)).toBe('0')
  })

  it('call fewer overdue cases good and a lower on-time rate bad', () => {
    expect(changeOf('overdue_now', { value: 9, previous: 12 })).toEqual({ text: '▼ 3', good: true })
    expect(changeOf('on_time_rate', { value: 0.9, previous: 0.95 })).toEqual({ text: '▼ 5.0', good: false })
  })

  it('do not judge the number of reports', () => {
    expect(changeOf('reported', { value: 31, previous: 26 })?.good).toBeNull()
  })

  it('say nothing about a change that is none or unknown', () => {
    expect(changeOf('closed', { value: 5, previous: 5 })).toBeNull()
    expect(changeOf('closure_rate', { value: 0.5, previous: null })).toBeNull()
  })

  it('list the weeks back over the turn of the year', () => {
    expect(weeksBack('2027-W01', 3)).toEqual(['2027-W01', '2026-W53', '2026-W52'])
  })
})
