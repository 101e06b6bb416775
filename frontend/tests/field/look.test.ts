import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import LookSettings from '@/field/components/LookSettings.vue'
import { keptSize, keptTheme } from '@/field/lib/look'
import { startSession } from '@/field/offline/session'

import { i18n } from './fakes'

const read = (path: string) => readFileSync(resolve(__dirname, '../..', path), 'utf8')

let systemChanged: () => void = () => {}

/** Runs public/look.js as the head of the page does. */
function open(system: 'light' | 'dark' = 'light') {
  const query = { matches: system === 'dark', addEventListener: (_: string, listener: () => void) => (systemChanged = listener) }
  vi.stubGlobal('matchMedia', () => query)
  new Function(read('public/look.js'))()
  return query
}
const { dataset } = document.documentElement

describe('how the app looks', () => {
  beforeEach(() => localStorage.clear())

  it.each([
    ['light', null, 'light'],
    ['dark', null, 'dark'],
    ['dark', 'light', 'light'],
    ['light', 'dark', 'dark'],
    ['light', 'nonsense', 'light'],
  ] as const)('on a %s system with %s chosen it is %s, before the app is there', (system, chosen, seen) => {
    if (chosen) localStorage.setItem('wangge.look.theme', chosen)
    open(system)
    expect(dataset.theme).toBe(seen)
  })

  it('follows the system while nothing was chosen', () => {
    const query = open('light')
    query.matches = true
    systemChanged()
    expect(dataset.theme).toBe('dark')
  })

  it('changes at once when chosen on 我, and stays', async () => {
    open('light')
    const page = mount(LookSettings, { global: { plugins: [i18n()] } })
    const press = (words: string) => page.findAll('button').find((one) => one.text() === words)!.trigger('click')
    await press('深色')
    await press('大')
    expect([dataset.theme, dataset.size]).toEqual(['dark', 'large'])
    expect([keptTheme(), keptSize()]).toEqual(['dark', 'large'])
    expect(page.findAll('[aria-pressed="true"]').map((one) => one.text())).toEqual(['深色', '大'])
    open('light')
    expect([dataset.theme, dataset.size]).toEqual(['dark', 'large'])
  })

  it('works where nothing can be kept', () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new Error('forbidden')
    })
    open('dark')
    expect([dataset.theme, dataset.size]).toEqual(['dark', 'standard'])
    expect([keptTheme(), keptSize()]).toEqual(['system', 'standard'])
    vi.restoreAllMocks()
  })

  it.each([
    ['en', 'en'],
    ['zh-hans', 'zh-Hans'],
  ])('asks who this is while the app is on its way, in the language %s', async (kept, asked) => {
    document.documentElement.lang = 'zh-Hans'
    localStorage.setItem('wangge.language', kept)
    const answer = new Response(JSON.stringify({ signed_in: false, user: null, demo: true, language: kept }))
    const fetched = vi.fn().mockResolvedValue(answer)
    vi.stubGlobal('fetch', fetched)
    open('light')
    expect(fetched).toHaveBeenCalledWith('/api/v1/session/', expect.objectContaining({ headers: { Accept: 'application/json', 'Accept-Language': asked } }))
    expect(await startSession()).toMatchObject({ demo: true })
    // Not asked a second time.
    expect(fetched).toHaveBeenCalledTimes(1)
    expect(window.wanggeAsked).toBeUndefined()
    vi.unstubAllGlobals()
  })

  it('is a script of its own in the head, before the app, and nothing inline', () => {
    const shell = read('field.html')
    expect(shell.indexOf('/look.js')).toBeGreaterThan(0)
    expect(shell.indexOf('/look.js')).toBeLessThan(shell.indexOf('main.ts'))
    expect(shell).not.toMatch(/<script(?![^>]*src=)/)
  })
})

function tokens(path: string): Record<string, string> {
  return Object.fromEntries([...read(path).matchAll(/--wg-([a-z0-9-]+):\s*(#[0-9a-f]{6})\b/g)].map(([, name, value]) => [name!, value!]))
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

const SOFT = ['primary-soft', 'green-soft', 'yellow-soft', 'red-soft', 'dark-red-soft', 'none-soft']
/** Words, and every ground they stand on. */
const WORDS: [string, string[]][] = [
  ['ink', ['ground', 'surface', ...SOFT, 'blue-soft']],
  ['ink-2', ['ground', 'surface', ...SOFT, 'blue-soft']],
  ['ink-3', ['ground', 'surface']],
  ['primary', ['ground', 'surface', 'primary-soft']],
  ['primary-strong', ['surface', 'primary-soft']],
  ['red', ['ground', 'surface', 'red-soft']],
  ['yellow', ['surface', 'yellow-soft']],
  ['green', ['surface', 'green-soft']],
  ['dark-red', ['surface', 'dark-red-soft']],
  ['none', ['surface', 'none-soft']],
  ['red-strong', ['surface', 'red-soft']],
  ['yellow-strong', ['surface', 'yellow-soft']],
  ['green-strong', ['green-soft']],
  ['blue', ['surface', 'blue-soft']],
  ['violet', ['violet-soft']],
  ['plum', ['plum-soft']],
  ['on-primary', ['primary', 'primary-strong']],
  ['on-red', ['red']],
  ['on-green', ['green']],
]
/** Edges that tell what can be touched or chosen. */
const EDGES: [string, string[]][] = [
  ['focus', ['ground', 'surface']],
  ['yellow-edge', ['surface']],
  ['blue-edge', ['surface']],
]

const light = tokens('src/shared/styles/tokens.css')
const dark = tokens('src/field/styles/dark.css')

describe.each([
  ['light', light],
  ['dark', { ...light, ...dark }],
] as const)('colours: %s', (_name, colours) => {
  it.each(WORDS.flatMap(([word, grounds]) => grounds.map((ground) => [word, ground] as const)))('%s can be read on %s', (word, ground) => {
    expect(contrast(colours[word]!, colours[ground]!)).toBeGreaterThanOrEqual(4.5)
  })

  it('white can be read on the bar at the top', () => {
    expect(contrast('#ffffff', colours['primary-deep']!)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(EDGES.flatMap(([edge, grounds]) => grounds.map((ground) => [edge, ground] as const)))('%s is seen on %s', (edge, ground) => {
    expect(contrast(colours[edge]!, colours[ground]!)).toBeGreaterThanOrEqual(3)
  })
})

it('every colour has its night', () => {
  expect(Object.keys(light).filter((name) => !(name in dark))).toEqual([])
})
