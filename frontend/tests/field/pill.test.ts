import 'fake-indexeddb/auto'

import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import OutboxPage from '@/field/pages/OutboxPage.vue'
import WorkPill from '@/field/components/WorkPill.vue'
import { fieldDatabase, removeDatabase } from '@/field/offline/db'
import { keepReport } from '@/field/offline/doing'
import { api } from '@/shared/api/client'
import { loadSession } from '@/shared/session'

import { i18n } from './fakes'

const REPORT = { client_id: 'r1', category: 'C01', description: '垃圾堆放', reported_at: '2026-11-25T02:00:00Z' }
const show = (what: typeof WorkPill | typeof OutboxPage) =>
  mount(what as typeof WorkPill, { global: { plugins: [i18n()], stubs: { RouterLink: { template: '<a><slot /></a>' }, OutboxList: true, PageFrame: { template: '<div><slot /></div>' } } } })

beforeEach(async () => {
  vi.spyOn(api, 'get').mockResolvedValueOnce({ signed_in: true, user: { id: 1, roles: ['grid_worker'], posts: [] } })
  await loadSession(true)
  await keepReport((await fieldDatabase())!, '1', REPORT, [])
})
afterEach(async () => {
  await removeDatabase()
  vi.restoreAllMocks()
})

describe('how much is unsent', () => {
  it('is not said before the phone has looked: nought would be a lie', async () => {
    const pill = show(WorkPill)
    expect(pill.find('.pill').attributes('data-known')).toBe('false')
    await vi.waitFor(() => expect(pill.find('.pill').attributes('data-known')).toBe('true'))
    expect(pill.text()).toContain('1')
  })

  it('nor does its page call itself empty', async () => {
    const page = show(OutboxPage)
    expect(page.text()).not.toContain('都已上传')
    expect(page.text()).not.toContain('没有待上传的内容')
    await vi.waitFor(() => expect(page.text()).toContain('1 件待上传'))
  })
})
