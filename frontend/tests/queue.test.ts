import { describe, expect, it } from 'vitest'

import { apiQuery, DEFAULTS, filtersFrom, toQuery } from '@/center/composables/useQueue'

describe('the filters of the queue', () => {
  it('start with all open cases, the earliest due first', () => {
    expect(filtersFrom({})).toEqual(DEFAULTS)
    expect(apiQuery(DEFAULTS, null)).toMatchObject({ open: true, state: null, ordering: 'due_at', overdue: null, mine: null })
  })

  it('survive the way through the address', () => {
    const filters = { ...DEFAULTS, state: 'processing', category: 'A', overdue: true, q: '灯', ordering: '-reported_at' }
    expect(filtersFrom(toQuery(filters))).toEqual(filters)
  })

  it('leave the address short while nothing was chosen', () => {
    expect(toQuery(DEFAULTS)).toEqual({})
  })

  it('ask for one state without asking for open ones too', () => {
    expect(apiQuery({ ...DEFAULTS, state: 'closed' }, 'c1')).toMatchObject({ open: null, state: 'closed', cursor: 'c1' })
  })

  it('ask for everything when all states are wanted', () => {
    expect(apiQuery({ ...DEFAULTS, state: 'all' }, null)).toMatchObject({ open: null, state: null })
  })
})
