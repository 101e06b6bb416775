import { createI18n } from 'vue-i18n'

import { fetchWordsBy, readyFor, rememberedLanguage, rememberLanguage } from '@/shared/i18n/language'
import shared from '@/shared/i18n/zh'

import zh from './zh'

/** Chinese at once, English when it is chosen; a phone that cannot get the English words speaks Chinese. */
export async function createFieldI18n() {
  const language = rememberedLanguage()
  rememberLanguage(language)
  const made = createI18n<false>({ legacy: false, locale: 'zh-hans' as string, fallbackLocale: 'zh-hans', messages: { 'zh-hans': { ...shared, ...zh } } })
  fetchWordsBy(async (wanted) => {
    if (made.global.availableLocales.includes(wanted)) return
    made.global.setLocaleMessage(wanted, (await import('./english')).default)
  })
  await readyFor(language).catch(() => undefined)
  made.global.locale.value = language
  return made
}
