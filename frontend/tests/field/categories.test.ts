import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import CategoryPicker from '@/field/components/CategoryPicker.vue'
import { useCategories } from '@/field/composables/useLists'
import { findCategories, proposeCategories } from '@/field/lib/categories'
import { forgetRecentCategories, recentCategories, rememberCategory } from '@/field/lib/recentCategories'
import type { Category } from '@/shared/api/types'

import { CATEGORIES, i18n } from './fakes'

async function picker(modelValue: string | null = null, words = '') {
  const page = mount(CategoryPicker, { props: { modelValue, words }, global: { plugins: [i18n()] } })
  await flushPromises()
  return page
}

describe('choosing a category', () => {
  beforeEach(() => {
    localStorage.clear()
    useCategories().forget()
    const known = CATEGORIES.map((row) => (row.code === 'J01' ? { ...row, initials: 'hq', keywords: ['着火'] } : row))
    vi.spyOn(calls, 'categories').mockResolvedValue({ results: known })
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

  it('finds one by its pinyin initials, takes it with one tap, and shows whose it is', async () => {
    const page = await picker()
    await page.get('input[type="search"]').setValue('hq')
    expect(page.find('.tiles').exists()).toBe(false)
    expect(page.get('.rows button').text()).toContain('火情')
    expect(page.get('.rows button').text()).toContain('突发事件')
    await page.get('.rows button').trigger('click')
    expect(page.emitted('update:modelValue')).toEqual([['J01']])
  })

  it('says so when nothing is found, and how many were', async () => {
    const page = await picker()
    await page.get('input[type="search"]').setValue('没有的')
    expect(page.text()).toContain('没有找到“没有的”')
    expect(page.get('[role="status"]').text()).toBe('找到 0 个类别')
  })

  it('proposes what the words speak of, to be taken with one tap', async () => {
    const page = await picker(null, '河边着火了，浓烟')
    const chip = page.get('[aria-label="看起来像"] button')
    expect(chip.text()).toBe('火情紧急')
    await chip.trigger('click')
    expect(page.emitted('update:modelValue')).toEqual([['J01']])
  })

  it('proposes nothing once a category is chosen', async () => {
    expect((await picker('B01', '着火')).find('[aria-label="看起来像"]').exists()).toBe(false)
  })

  it('offers the four chosen last, the last one first', async () => {
    const first = await picker()
    for (const code of ['A01', 'B01', 'C01', 'D01', 'E01', 'B01']) rememberCategory('', code)
    expect(recentCategories('')).toEqual(['B01', 'E01', 'D01', 'C01'])
    first.unmount()
    const page = await picker()
    const chips = page.findAll('[aria-label="最近用过"] button').map((chip) => chip.text())
    expect(chips).toEqual(['类B一', '类E一', '类D一', '类C一'])
  })

  it('keeps the last ones for each person, and forgets them all at once', () => {
    rememberCategory('1', 'A01')
    expect(recentCategories('2')).toEqual([])
    forgetRecentCategories()
    expect(recentCategories('1')).toEqual([])
  })

  it('works with a category list from before there were initials and keywords', () => {
    const old = CATEGORIES.map(({ code, name, name_zh, name_en, parent, emergency }) => ({ code, name, name_zh, name_en, parent, emergency }))
    expect(findCategories(old as Category[], '火')[0]!.code).toBe('J01')
    expect(proposeCategories(old as Category[], '发生火情')[0]!.code).toBe('J01')
  })
})

const row = (code: string, name: string, english: string, initials: string, keywords: string, emergency = false): Category => ({
  code,
  name,
  name_zh: name,
  name_en: english,
  parent: code.length > 1 ? code.charAt(0) : null,
  emergency,
  initials,
  keywords: keywords.split(' '),
})
const ROWS = [
  row('A', '矛盾纠纷', 'Disputes', 'mdjf', ''),
  row('A05', '山林土地承包', 'Forest or land contract', 'sltdcb', '承包 山林'),
  row('B', '安全隐患', 'Safety hazards', 'aqyh', ''),
  row('B11', '危化品/烟花爆竹', 'Dangerous goods & fireworks', 'whpyhbz', '烟花 爆竹 firework'),
  row('C', '环境卫生', 'Environment', 'hjws', ''),
  row('C01', '垃圾堆放', 'Waste', 'ljdf', '垃圾 乱倒 rubbish'),
  row('C99', '其他', 'Other', 'qt', ''),
  row('J', '突发事件', 'Emergency', 'tfsj', '', true),
  row('J01', '火情', 'Fire', 'hq', '着火 垃圾 fire', true),
]
const found = (typed: string) => findCategories(ROWS, typed).map(({ code }) => code)
const proposed = (words: string) => proposeCategories(ROWS, words).map(({ code }) => code)

describe('finding a category', () => {
  it.each([
    ['ljdf', 'C01'],
    ['LJ', 'C01'],
    ['垃圾堆放', 'C01'],
    ['堆放', 'C01'],
    ['乱倒', 'C01'],
    ['waste', 'C01'],
    ['Was', 'C01'],
    ['yhbz', 'B11'],
    ['land', 'A05'],
    [' 火 情 ', 'J01'],
  ])('%s finds %s first', (typed, code) => expect(found(typed)[0]).toBe(code))

  it.each(['', '  ', 'zzzz', '（'])('“%s” finds nothing', (typed) => expect(found(typed)).toEqual([]))

  it('finds what is below a first level by its name, and never a first level itself', () => {
    expect(found('环境卫生')).toEqual(['C01', 'C99'])
    expect(found('tfsj')).toEqual(['J01'])
  })
})

describe('proposing a category', () => {
  it.each([
    ['村口垃圾没人清', ['J01', 'C01']],
    ['有人乱倒垃圾，着火了', ['J01', 'C01']],
    ['Rubbish at the gate', ['C01']],
    ['selling fireworks', ['B11']],
    ['there is a fire', ['J01']],
    ['承包山林的事', ['A05']],
  ])('“%s” speaks of %j', (words, codes) => expect(proposed(words)).toEqual(codes))

  it.each(['', '路灯不亮', '其他', 'other'])('“%s” speaks of nothing known', (words) => expect(proposed(words)).toEqual([]))
})
