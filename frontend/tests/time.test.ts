import { describe, expect, it } from 'vitest'

import { dateTime, daysUntil, fromShanghai, isoWeek, shanghaiDay } from '@/shared/time'

describe('the town clock', () => {
  it('shows Shanghai time whatever the device says', () => {
    expect(dateTime('2026-11-23T18:30:00Z', 'zh-hans')).toBe('2026/11/24 02:30')
    expect(dateTime('2026-11-23T18:30:00Z', 'en')).toContain('24/11/2026')
  })

  it('writes midnight as 00, not 24', () => {
    expect(dateTime('2026-11-23T16:00:00Z', 'zh-hans')).toBe('2026/11/24 00:00')
  })

  it('counts days by the calendar of Shanghai', () => {
    const lateEvening = new Date('2026-11-23T15:50:00Z')
    expect(daysUntil('2026-11-23T15:59:00Z', lateEvening)).toBe(0)
    expect(daysUntil('2026-11-23T16:01:00Z', lateEvening)).toBe(1)
    expect(daysUntil('2026-11-20T10:00:00Z', lateEvening)).toBe(-3)
  })

  it('takes what a person types as Shanghai time', () => {
    expect(fromShanghai('2026-11-24T18:00')).toBe('2026-11-24T10:00:00.000Z')
  })

  it('knows the ISO week over the turn of the year', () => {
    expect(isoWeek(new Date('2026-11-23T04:00:00Z'))).toBe('2026-W48')
    expect(isoWeek(new Date('2027-01-03T04:00:00Z'))).toBe('2026-W53')
    expect(isoWeek(new Date('2027-01-03T16:30:00Z'))).toBe('2027-W01')
  })

  it('names the day', () => {
    expect(shanghaiDay(new Date('2026-11-23T16:30:00Z'))).toBe('2026-11-24')
  })
})
