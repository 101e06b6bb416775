import { beforeEach, expect, it, vi } from 'vitest'

import { createFieldI18n } from '@/field/i18n'
import { readyFor } from '@/shared/i18n/language'

beforeEach(() => {
  localStorage.clear()
  vi.resetModules()
})

it('speaks Chinese at once and fetches English words only when they are chosen', async () => {
  const { global } = await createFieldI18n()
  expect(global.t('field.home.title')).toBe('首页')
  expect(global.availableLocales).toEqual(['zh-hans'])
  await readyFor('en')
  global.locale.value = 'en'
  expect([global.t('field.home.title'), global.t('common.close')]).toEqual(['Home', 'Close'])
})

it('starts in English on a phone where English was chosen', async () => {
  localStorage.setItem('wangge.language', 'en')
  const { global } = await createFieldI18n()
  expect(global.t('field.home.title')).toBe('Home')
  expect(document.documentElement.lang).toBe('en')
})

it('speaks Chinese where the English words cannot be had', async () => {
  localStorage.setItem('wangge.language', 'en')
  vi.doMock('@/field/i18n/english', () => {
    throw new Error('offline')
  })
  const { createFieldI18n: create } = await import('@/field/i18n')
  const { global } = await create()
  expect(global.t('field.home.title')).toBe('首页')
  vi.doUnmock('@/field/i18n/english')
})
