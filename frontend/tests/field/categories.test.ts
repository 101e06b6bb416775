import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import CategoryPicker from '@/field/components/CategoryPicker.vue'
import { useCategories } from '@/field/composables/useLists'

import { CATEGORIES, i18n } from './fakes'

async function picker(modelValue: string | null = null) {
  const page = mount(CategoryPicker, { props: { modelValue }, global: { plugins: [i18n()] } })
  await flushPromises()
  return page
}

describe('choosing a category', () => {
  beforeEach(() => {
    useCategories().forget()
    vi.spyOn(calls, 'categories').mockResolvedValue({ results: CATEGORIES })
    // jsdom knows the element but cannot open it.
    HTMLDialogElement.prototype.showModal = vi.fn()
  })

  it('shows eight first, the emergency among them, and the rest behind one tap', async () => {
    const page = await picker()
    const names = () => page.findAll('.tiles button').map((button) => button.text())
    expect(names()).toHaveLength(8)
    expect(names()[0]).toBe('突发事件')
    await page.get('[aria-expanded]').trigger('click')
    expect(names()).toHaveLength(10)
  })

  it('shows the emergency numbers, callable with one tap, before any second level', async () => {
    const page = await picker()
    await page.findAll('.tiles button')[0]!.trigger('click')
    const targets = page.findAll('dialog a, dialog .seconds button').map((found) => found.attributes('href') ?? found.text())
    expect(targets.slice(0, 3)).toEqual(['tel:110', 'tel:119', 'tel:120'])
    expect(targets[3]).toContain('火情')
  })

  it('shows no numbers for an everyday category', async () => {
    const page = await picker()
    await page.findAll('.tiles button')[1]!.trigger('click')
    expect(page.find('dialog').exists()).toBe(true)
    expect(page.find('a[href^="tel:"]').exists()).toBe(false)
  })

  it('keeps the numbers in sight while an emergency is chosen', async () => {
    const page = await picker('J01')
    expect(page.findAll('a[href^="tel:"]')).toHaveLength(3)
  })

  it('hands over the code of the second level', async () => {
    const page = await picker()
    await page.findAll('.tiles button')[1]!.trigger('click')
    await page.get('.seconds button').trigger('click')
    expect(page.emitted('update:modelValue')).toEqual([['B01']])
  })
})
