import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import centerZh from '@/center/i18n/zh'
import type { Messages } from '@/shared/i18n/language'
import sharedZh from '@/shared/i18n/zh'

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name))
    .map((name) => join(folder, name))
}

function has(messages: Messages, key: string): boolean {
  let here: string | Messages | undefined = messages
  for (const part of key.split('.')) here = typeof here === 'object' ? here[part] : undefined
  return typeof here === 'string'
}

describe('the texts of the center app', () => {
  it('exist for every key that a page asks for', () => {
    const all = { ...sharedZh, ...centerZh } as Messages
    const used = [...files('src/center'), ...files('src/shared')].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bt\('([\w.-]+)'/g)].map((match) => match[1]!),
    )
    expect(used.length).toBeGreaterThan(100)
    expect(used.filter((key) => !has(all, key))).toEqual([])
  })
})
