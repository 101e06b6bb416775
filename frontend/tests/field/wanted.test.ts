import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'

import ActBar from '@/field/components/ActBar.vue'
import SolvedSwitch from '@/field/components/SolvedSwitch.vue'
import type { Act } from '@/shared/api/types'

import { i18n } from './fakes'


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
