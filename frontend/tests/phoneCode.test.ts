import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import PhoneCode from '@/center/components/PhoneCode.vue'
import { qrCode, reachable } from '@/center/composables/qrCode'
import en from '@/center/i18n/en'
import zh from '@/center/i18n/zh'
import { createAppI18n } from '@/shared/i18n'

describe('the code that opens the field app on a phone', () => {
  it('holds the address with /m/, and says it in words', () => {
    const page = mount(PhoneCode, { global: { plugins: [createAppI18n({ zh, en })], stubs: { ElDialog: { template: '<div><slot /></div>' } } } })
    expect(page.get('.address').text()).toBe(`${window.location.origin}/m/`)
    expect(page.get('svg').attributes('aria-label')).toBe(`二维码：${window.location.origin}/m/`)
    expect(page.get('path').attributes('d')).toBe(qrCode(`${window.location.origin}/m/`).path)
    expect(page.text()).toContain('手机打不开')
  })

  it('has a quiet edge of four squares and a finder in three corners', () => {
    const { side, path } = qrCode('https://wangge.example.cn/m/')
    const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, column, row]) => `${column},${row}`))
    expect(side).toBe(37)
    const columns = [...dark].map((square) => Number(square.split(',')[0]))
    expect([Math.min(...columns), Math.max(...columns)]).toEqual([4, side - 5])
    for (const [x, y] of [[4, 4], [side - 11, 4], [4, side - 11]] as const) {
      for (let step = 0; step < 7; step++) expect(dark.has(`${x + step},${y}`)).toBe(true)
      expect(dark.has(`${x + 1},${y + 1}`)).toBe(false)
      expect(dark.has(`${x + 3},${y + 3}`)).toBe(true)
    }
  })

  it.each([
    ['localhost', false],
    ['127.0.0.1', false],
    ['[::1]', false],
    ['wangge.example.cn', true],
    ['10.1.2.3', true],
  ])('%s can be reached by a phone: %s', (hostname, can) => expect(reachable(hostname)).toBe(can))
})
