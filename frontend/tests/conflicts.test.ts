import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import ConflictCard from '@/center/components/ConflictCard.vue'
import en from '@/center/i18n/en'
import zh from '@/center/i18n/zh'
import type { Conflict, Conflicts } from '@/shared/api/types'
import { eventWords } from '@/shared/eventWords'
import { createAppI18n } from '@/shared/i18n'

const officer = { id: 3, name: '村长' }
const worker = { id: 1, name: '阿珍' }
const conflict = {
  id: 7,
  case: { id: 4, number: '261125-000001' },
  client_id: 'c',
  act: 'verify',
  act_name: '核查',
  reason: 'stale',
  reason_name: '其间事项已被他人办理',
  by: officer,
  done_at: '2026-11-25T01:40:00Z',
  received_at: '2026-11-25T02:00:00Z',
  base_version: 5,
  given: { passed: false, text: '墙角还有' },
  fields: [
    {
      name: 'text',
      label: '核查情况',
      mine: { value: '墙角还有', shown: '墙角还有', by: officer, at: '2026-11-25T01:40:00Z' },
      theirs: { value: '干净了', shown: '干净了', by: worker, at: '2026-11-25T01:50:00Z' },
    },
    { name: 'outcome', label: '结果', mine: { value: 'solved', shown: '已解决', by: officer, at: null }, theirs: null },
  ],
  state: 'open',
  state_name: '待裁定',
  decided_by: null,
  decided_by_side: false,
  decided_at: null,
  words: '',
  is_side: false,
  may_decide: true,
} as const satisfies Conflict
const list = (one: Partial<Conflict> = {}, more: Partial<Conflicts> = {}): Conflicts => ({ results: [{ ...conflict, ...one }], may_decide: true, ...more })

const answers = vi.fn<typeof fetch>()
beforeEach(() => vi.stubGlobal('fetch', answers))
afterEach(() => {
  answers.mockReset()
  vi.unstubAllGlobals()
})
const answer = (status: number, body: unknown) => answers.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }))
const sent = (call: number) => JSON.parse(String(answers.mock.calls[call]![1]!.body)) as Record<string, unknown>

async function card(first: Conflicts): Promise<VueWrapper> {
  answer(200, first)
  const shown = mount(ConflictCard, { props: { caseId: 4, events: 6 }, global: { plugins: [createAppI18n({ zh, en })] } })
  await flushPromises()
  return shown
}
const press = async (page: VueWrapper, words: string) => {
  await page.findAll('button').find((button) => button.text() === words)!.trigger('click')
  await flushPromises()
}

describe('what was done without signal and came too late', () => {
  it('is shown side by side, with authors and times', async () => {
    const page = await card(list())
    const [, first, second] = page.findAll('thead tr > *').map((cell) => cell.text())
    expect([first, second]).toEqual(['先到的（现状）', '后到的（离线）'])
    const cells = page.findAll('tbody tr')[0]!.findAll('td').map((cell) => cell.text())
    expect(cells[0]).toMatch(/^干净了阿珍 · .*09:50/)
    expect(cells[1]).toMatch(/^墙角还有村长 · .*09:40/)
    expect(page.findAll('tbody tr')[1]!.find('td').text()).toBe('无')
  })

  it('is decided with one of three buttons, each with its sentence', async () => {
    const page = await card(list())
    expect(page.findAll('.ways li')).toHaveLength(3)
    expect(page.findAll('.ways li span.muted').every((hint) => hint.text().length > 8)).toBe(true)
    await page.find('textarea').setValue('  已现场复看 ')
    answer(200, { ...conflict, state: 'both' })
    answer(200, list({ state: 'both', state_name: '两份都保留', words: '已现场复看', decided_by: worker, decided_at: '2026-11-25T03:00:00Z' }))
    await press(page, '两份都保留')
    expect(String(answers.mock.calls[1]![0])).toContain('cases/4/conflicts/7/')
    expect(sent(1)).toEqual({ decision: 'both', text: '已现场复看' })
    expect(page.emitted('settled')).toHaveLength(1)
    expect(page.find('form').exists()).toBe(false)
    expect(page.find('.settled').text()).toContain('两份都保留 · 已现场复看')
  })

  it('keeps what was typed when the decision is refused, and says what is possible', async () => {
    const page = await card(list())
    await page.find('textarea').setValue('采用村长的')
    answer(409, { code: 'cannot_take', message: '事项处于“处置中”，已不能“核查”。您现在可以：挂起。', field: 'decision', errors: [] })
    await press(page, '采用后到的')
    expect(page.find('[role=alert]').text()).toContain('您现在可以')
    expect((page.find('textarea').element as HTMLTextAreaElement).value).toBe('采用村长的')
    expect(page.emitted('settled')).toBeUndefined()
  })

  it('is only read by whoever does not decide', async () => {
    const page = await card(list({ may_decide: false }, { may_decide: false }))
    expect(page.text()).toContain('墙角还有')
    expect(page.findAll('button')).toHaveLength(0)
  })

  it('is left to a colleague by whoever is one of the two', async () => {
    const page = await card(list({ is_side: true, may_decide: false }))
    expect(page.text()).toContain('由本中心其他人员裁定')
    expect(page.findAll('button')).toHaveLength(0)
  })

  it('is decided by one of the two where there is nobody else, who is told that it will stand there', async () => {
    const page = await card(list({ is_side: true }))
    expect(page.text()).toContain('记录中会注明')
    expect(page.findAll('.ways li')).toHaveLength(3)
  })

  it('says afterwards that one of the two decided', async () => {
    const page = await card(list({ state: 'both', state_name: '两份都保留', decided_by: officer, decided_by_side: true, decided_at: '2026-11-25T03:00:00Z' }))
    expect(page.find('.settled').text()).toContain('裁定人为其中一方')
  })

  it('takes no room where there is none', async () => {
    const page = await card({ results: [], may_decide: true })
    expect(page.find('section').exists()).toBe(false)
  })
})

describe('the timeline', () => {
  const t = createAppI18n({ zh, en }).global.t as never
  const words = (act: string, data: Record<string, unknown>) => eventWords({ act, data } as never, t, 'zh-Hans')

  it('says what was done without signal and when', () => {
    expect(words('feedback', { device_time: '2026-11-25T01:40:00+00:00', rebased_from: 4 })).toEqual([
      expect.stringMatching(/^离线办理，手机时间 .*09:40$/),
      '其间另有变动，不影响本次办理',
    ])
    expect(words('feedback', { device_time: '1970-01-01T00:00:00+00:00', clock_wrong: true })[0]).toContain('时钟不准')
  })

  it('says why it is a conflict, and what was decided', () => {
    expect(words('conflict', { reason: 'out_of_sight', act: 'feedback', given: 'x' })).toEqual(['事项已不在其查看范围内，待裁定'])
    expect(words('settle_conflict', { decision: 'take', author_name: '村长' })).toEqual(['采用后到的', '原办理人：村长'])
    expect(words('settle_conflict', { decision: 'take', by_side: true })[1]).toContain('其中一方')
    expect(words('party_removed', { reason: 'stale' })).toEqual([])
  })
})
