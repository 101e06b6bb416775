import { createI18n } from 'vue-i18n'

import type { Language } from '@/shared/api/types'

import en from './en'
import zh from './zh'

export interface Messages {
  [key: string]: string | Messages
}

const REMEMBERED = 'wangge.language'

export function rememberedLanguage(): Language {
  return localStorage.getItem(REMEMBERED) === 'en' ? 'en' : 'zh-hans'
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(REMEMBERED, language)
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-Hans'
}

/** Shared messages plus the app's own, under their own top-level keys. Legacy mode stays off: composition API only. */
export function createAppI18n(own: { zh: Messages; en: Messages }) {
  const language = rememberedLanguage()
  rememberLanguage(language)
  return createI18n<false>({
    legacy: false,
    locale: language as string,
    fallbackLocale: 'zh-hans',
    messages: { 'zh-hans': { ...zh, ...own.zh }, en: { ...en, ...own.en } },
  })
}
