import { describe, expect, it } from 'vitest'

import { navigationOf } from '@/center/layout/navigation'
import { homeOf } from '@/center/router'
import type { Me } from '@/shared/api/types'

function person(can: Partial<Me['can']>): Me {
  const none = { report: false, queue: false, map: false, ground: false, redraw: false, oversee: false, leave: false, weekly: false, mailbox: false, admin: false }
  return { id: 1, username: 'alice', display_name: 'Alice', language: 'en', roles: [], posts: [], can: { ...none, ...can } }
}

describe('the way around', () => {
  it('shows the administrator no case pages', () => {
    const names = navigationOf(person({ admin: true, mailbox: true })).map((item) => item.name)
    expect(names).toEqual(['desk', 'mailbox', 'admin'])
  })

  it('starts the operator on the map and the administrator on the desk', () => {
    expect(homeOf(person({ map: true, queue: true }))).toBe('overview')
    expect(homeOf(person({ admin: true }))).toBe('desk')
  })

  it('offers a grid worker the field app', () => {
    const field = navigationOf(person({ map: true, queue: true, report: true })).find((item) => item.name === 'field')
    expect(field?.href).toBe('/m/')
  })
})
