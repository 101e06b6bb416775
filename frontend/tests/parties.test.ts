import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import PartiesCard from '@/center/components/PartiesCard.vue'
import { SHOWN_MS } from '@/center/composables/useParties'
import en from '@/center/i18n/en'
import zh from '@/center/i18n/zh'
import type { Parties } from '@/shared/api/types'
import { eventWords } from '@/shared/eventWords'
import { createAppI18n } from '@/shared/i18n'

const party = { id: 5, client_id: 'c', kind: 'person', kind_name: '个人', side: 'applicant', side_name: '申请方', name: '甲**', phone: '100****1234', added_by: { id: 1, name: '阿珍' }, added_at: '2026-11-25T02:00:00Z', may_remove: true } as const
const list = (more: Partial<Parties> = {}): Parties => ({ count: 1, names_shown: true, may_add: true, may_look: true, may_read_looks: false, results: [party], ...more })

const answers = vi.fn<typeof fetch>()
beforeEach(() => vi.stubGlobal('fetch', answers))
afterEach(() => {
  answers.mockReset()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})
const answer = (status: number, body: unknown) => answers.mockResolvedValueOnce(new Response(status === 204 ? null : JSON.stringify(body), { status }))
const sent = (call: number) => JSON.parse(String(answers.mock.calls[call]![1]!.body)) as Record<string, unknown>
const asked = (call: number) => `${answers.mock.calls[call]![1]!.method} ${String(answers.mock.calls[call]![0])}`

async function card(first: Parties): Promise<VueWrapper> {
  answer(200, first)
  const shown = mount(PartiesCard, { props: { caseId: 4, version: 1, events: 1 }, global: { plugins: [createAppI18n({ zh, en })] } })
  await flushPromises()
  return shown
}
const press = async (page: VueWrapper, words: string) => {
  await page.findAll('button').find((button) => button.text() === words)!.trigger('click')
  await flushPromises()
}

describe('the parties of a case', () => {
  it('are shown masked, by side', async () => {
    const page = await card(list())
    expect(page.text()).toContain('申请方')
    expect(page.text()).toContain('甲**')
  })

  it('are a number and nothing else to who need not know them', async () => {
    const page = await card(list({ names_shown: false, may_add: false, may_look: false, results: [], count: 3 }))
    expect(page.text()).toContain('3')
    expect(page.findAll('button')).toHaveLength(0)
  })

  it('take no room where there is none and nobody to enter one', async () => {
    const page = await card(list({ count: 0, results: [], may_add: false }))
    expect(page.find('section').exists()).toBe(false)
  })

  it('are shown in full for a purpose, and for a minute', async () => {
    vi.useFakeTimers()
    const page = await card(list())
    await press(page, '查看')
    expect(page.find('form button').attributes('disabled')).toBeDefined()
    page.findComponent({ name: 'ElSelect' }).vm.$emit('update:modelValue', 'contact')
    await flushPromises()
    answer(200, { id: 5, name: '甲某某', phone: '10000001234' })
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(asked(1)).toBe('POST /api/v1/cases/4/parties/5/look/')
    expect(sent(1)).toEqual({ purpose: 'contact', words: '' })
    expect(page.text()).toContain('甲某某')
    vi.advanceTimersByTime(SHOWN_MS)
    await flushPromises()
    expect(page.text()).not.toContain('甲某某')
    expect(page.text()).toContain('甲**')
  })

  it('are hidden again when another case is opened', async () => {
    const page = await card(list())
    await press(page, '查看')
    page.findComponent({ name: 'ElSelect' }).vm.$emit('update:modelValue', 'handle')
    await flushPromises()
    answer(200, { id: 5, name: '甲某某', phone: '' })
    await page.find('form').trigger('submit')
    await flushPromises()
    answer(200, list())
    await page.setProps({ caseId: 9 })
    await flushPromises()
    expect(page.text()).not.toContain('甲某某')
  })

  it('are entered once, however often it is sent, and what was typed stays', async () => {
    const page = await card(list({ count: 0, results: [] }))
    await press(page, '登记当事人')
    const [name] = page.findAll('input[aria-label="姓名"]')
    await name!.setValue(' 甲某某 ')
    answers.mockRejectedValueOnce(new TypeError('no net'))
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(page.find('[role=alert]').exists()).toBe(true)
    expect((name!.element as HTMLInputElement).value).toBe(' 甲某某 ')
    answer(200, party)
    answer(200, list())
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(sent(1)).toEqual(sent(2))
    expect(sent(1)).toMatchObject({ kind: 'person', side: 'applicant', name: '甲某某', phone: '' })
    expect(page.find('form').exists()).toBe(false)
  })

  it('are another entry once they are corrected', async () => {
    const page = await card(list({ count: 0, results: [] }))
    await press(page, '登记当事人')
    for (const words of ['甲某', '甲某某']) {
      await page.find('input[aria-label="姓名"]').setValue(words)
      answer(409, { code: 'client_id_conflict', message: '重复', field: 'client_id', errors: [] })
      await page.find('form').trigger('submit')
      await flushPromises()
    }
    expect(sent(1).client_id).not.toBe(sent(2).client_id)
  })

  it('are removed with a reason', async () => {
    const page = await card(list())
    await press(page, '移除')
    await page.find('form input').setValue('记错')
    answer(204, null)
    answer(200, list({ count: 0, results: [] }))
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(asked(1)).toBe(`DELETE /api/v1/cases/4/parties/5/?reason=${encodeURIComponent('记错')}`)
    expect(page.text()).not.toContain('甲**')
  })

  it('tell the head of the center who looked', async () => {
    const page = await card(list({ may_read_looks: true }))
    answer(200, { results: [{ id: 1, at: '2026-11-25T02:00:00Z', by: { id: 2, name: '王工' }, party: 5, side: 'applicant', side_name: '申请方', purpose: 'contact', purpose_name: '联系当事人', words: '约时间' }], next: null })
    await press(page, '查看记录')
    expect(page.text()).toContain('王工 · 申请方 · 联系当事人 · 约时间')
  })
})

describe('the timeline', () => {
  const t = createAppI18n({ zh, en }).global.t as (key: string, values?: Record<string, unknown>) => string

  it('tells a side and a number, never a name', () => {
    expect(eventWords({ act: 'party_added', data: { side: 'respondent', kind: 'person', digest: 'd' } }, t, 'zh-Hans')).toEqual(['被申请方'])
    expect(eventWords({ act: 'report', data: { parties: [{}, {}] } }, t, 'zh-Hans')).toEqual(['同时登记当事人 2 名'])
  })
})
