import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { reactive } from 'vue'

import { calls } from '@/field/api'
import CaseParties from '@/field/components/CaseParties.vue'
import PartiesSection from '@/field/components/PartiesSection.vue'
import { emptyDraft, isWorthKeeping, plainDraft, toPayload } from '@/field/lib/draft'
import type { ReportedParty } from '@/field/lib/parties'
import { ApiError } from '@/shared/api/client'
import type { CaseEvent, Parties } from '@/shared/api/types'

import { dropped, i18n } from './fakes'

const party = (name: string, phone = ''): ReportedParty => ({ client_id: `u-${name}`, kind: 'person', side: 'applicant', name, phone })
afterEach(() => vi.restoreAllMocks())

describe('the parties in a report', () => {
  it('go with a dispute, without lines that were left empty', () => {
    const draft = { ...emptyDraft(), category: 'A01', parties: [party(' 甲某 ', '13800000000'), party('')] }
    expect(toPayload(draft).parties).toEqual([{ ...party(' 甲某 ', '13800000000'), name: '甲某' }])
    expect(toPayload({ ...draft, parties: [party('')] })).not.toHaveProperty('parties')
  })

  it('stay on the phone where the matter is no dispute', () => {
    expect(toPayload({ ...emptyDraft(), category: 'C01', parties: [party('甲某')] })).not.toHaveProperty('parties')
  })

  it('are kept with the draft once something was typed, and an older draft has none', () => {
    expect(isWorthKeeping({ ...emptyDraft(), parties: [party('')] })).toBe(false)
    const draft = reactive({ ...emptyDraft(), parties: [party('甲某')] })
    expect(isWorthKeeping(draft)).toBe(true)
    expect(structuredClone(plainDraft(draft)).parties).toEqual([party('甲某')])
    const { parties: _, ...older } = emptyDraft()
    expect(plainDraft(older as never).parties).toEqual([])
    expect(isWorthKeeping(older as never)).toBe(false)
  })

  it('are folded and cost nobody a second who does not want them', async () => {
    const section = mount(PartiesSection, { props: { modelValue: [] as ReportedParty[], 'onUpdate:modelValue': (parties) => section.setProps({ modelValue: parties }) }, global: { plugins: [i18n()] } })
    const details = section.get('details')
    expect((details.element as HTMLDetailsElement).open).toBe(false)
    ;(details.element as HTMLDetailsElement).open = true
    await details.trigger('toggle')
    await section.get('button.plain-button:not([aria-label])').trigger('click')
    expect(section.props('modelValue').map((one) => one.side)).toEqual(['applicant', 'respondent'])
  })
})

describe('the parties on the case page', () => {
  const MASKED = { count: 1, names_shown: true, results: [{ id: 1, side_name: '申请方', name: '甲*', phone: '138****0000', may_remove: true }] } as Parties
  const told = [{ act: 'report', data: { parties: ['u1'] } }] as unknown as CaseEvent[]
  const page = async (answer: Parties | ApiError, events: CaseEvent[] = []) => {
    vi.spyOn(calls, 'caseParties')[answer instanceof ApiError ? 'mockRejectedValue' : 'mockResolvedValue'](answer as never)
    const card = mount(CaseParties, { props: { id: 7, events }, global: { plugins: [i18n()] } })
    await flushPromises()
    return card
  }

  it('are masked, and nothing can be done with them here', async () => {
    const card = await page(MASKED)
    expect(card.text()).toContain('甲*')
    expect(card.text()).toContain('138****0000')
    expect(card.findAll('button, a')).toHaveLength(0)
  })

  it('are a number for those who need not know whom', async () => {
    expect((await page({ ...MASKED, names_shown: false, results: [] })).text()).toContain('本件有当事人 1 名')
  })

  it.each([403, 404])('are not spoken of to those who may not (%s)', async (status) => {
    expect((await page(new ApiError(status, 'no', ''), told)).text()).toBe('')
  })

  it('are not on the phone: without signal one sentence says so, where there are any', async () => {
    expect((await page(dropped(), told)).text()).toContain('有信号时才能看')
    expect((await page(dropped())).text()).toBe('')
  })

  it('of one case never stand on another one', async () => {
    const card = await page(MASKED)
    vi.spyOn(calls, 'caseParties').mockReturnValue(new Promise(() => undefined))
    await card.setProps({ id: 8 })
    expect(card.text()).toBe('')
  })
})
