import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import ActBar from '@/field/components/ActBar.vue'
import SolvedSwitch from '@/field/components/SolvedSwitch.vue'
import { useWanted } from '@/field/composables/useWanted'
import type { Act, CaseEvent, CaseRow } from '@/shared/api/types'

import { i18n } from './fakes'

const row = (id: number) => ({ id, state: 'draft' }) as CaseRow
const asked = (text: string) => ({ results: [{ act: 'return_for_info', text } as CaseEvent] })
afterEach(() => vi.restoreAllMocks())

describe('what came back for information', () => {
  it('is asked for by itself, the earliest due first, and shown with what is wanted', async () => {
    const list = vi.spyOn(calls, 'cases').mockResolvedValue({ results: [row(1), row(2)], next: null, previous: null })
    vi.spyOn(calls, 'caseEvents').mockImplementation((id) => Promise.resolve(asked(`哪一栋？${id}`)))
    const wanted = useWanted()
    await wanted.reload()
    expect(list).toHaveBeenCalledWith({ mine: true, state: 'draft', ordering: 'due_at' }, null)
    expect(wanted.words.value).toEqual({ 1: '哪一栋？1', 2: '哪一栋？2' })
    expect(wanted.ids.value).toEqual([1, 2])
  })

  it('stands without the words when they do not come, and is kept when the net is gone', async () => {
    vi.spyOn(calls, 'cases').mockResolvedValueOnce({ results: [row(1)], next: null, previous: null }).mockRejectedValueOnce(new Error('offline'))
    vi.spyOn(calls, 'caseEvents').mockRejectedValue(new Error('offline'))
    const wanted = useWanted()
    await wanted.reload()
    await wanted.reload()
    expect([wanted.ids.value, wanted.words.value]).toEqual([[1], {}])
  })
})

describe('the buttons under a case', () => {
  const act = (name: string, primary = false) => ({ act: name, name, primary, fields: [] }) as unknown as Act
  const bar = (...acts: Act[]) => mount(ActBar, { props: { acts }, global: { plugins: [i18n()] } })

  it('have one large one, the rest behind "more"', () => {
    const shown = bar(act('submit', true), act('comment'), act('cancel')).findAll('.van-button').map((one) => one.text())
    expect(shown).toEqual(['更多操作', 'Submit'])
  })

  it('have no large one when nothing is to be done next: voiding a report must not be the easiest tap', () => {
    const shown = bar(act('cancel'), act('comment')).findAll('.van-button').map((one) => one.text())
    expect(shown).toEqual(['更多操作'])
  })
})

describe('the switch for what was solved on the spot', () => {
  it('is one tap, and says what happens then', async () => {
    const change = vi.fn()
    const card = mount(SolvedSwitch, { props: { modelValue: false, 'onUpdate:modelValue': change }, global: { plugins: [i18n()] } })
    expect(card.text()).toContain('无需再派单')
    await card.get('[role=switch]').setValue(true)
    expect(change).toHaveBeenCalledWith(true)
  })
})
