import { describe, expect, it } from 'vitest'

import centerEn from '@/center/i18n/en'
import centerZh from '@/center/i18n/zh'
import fieldEn from '@/field/i18n/en'
import fieldZh from '@/field/i18n/zh'
import type { Messages } from '@/shared/i18n/language'
import sharedEn from '@/shared/i18n/en'
import sharedZh from '@/shared/i18n/zh'

function keys(messages: Messages, path = ''): string[] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [path + key] : keys(value, `${path}${key}.`),
  )
}

function placeholders(messages: Messages, path = ''): string[] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [...new Set(value.match(/\{\w+\}/g) ?? [])].sort().map((name) => `${path}${key} ${name}`)
      : placeholders(value, `${path}${key}.`),
  )
}

const pairs: [string, Messages, Messages][] = [
  ['shared', sharedZh, sharedEn],
  ['center', centerZh, centerEn],
  ['field', fieldZh, fieldEn],
]

describe.each(pairs)('messages of %s', (_name, zh, en) => {
  it('have the same keys in both languages', () => {
    expect(keys(en).sort()).toEqual(keys(zh).sort())
  })

  it('use the same placeholders in both languages', () => {
    expect(placeholders(en).sort()).toEqual(placeholders(zh).sort())
  })

  it('leave no text empty', () => {
    expect(keys(zh).length).toBeGreaterThan(0)
    expect(JSON.stringify([zh, en])).not.toContain('""')
  })
})
