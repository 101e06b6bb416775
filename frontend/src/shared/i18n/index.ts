import { createI18n } from 'vue-i18n'

import en from './en'
import { rememberedLanguage, rememberLanguage, type Messages } from './language'
import zh from './zh'

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
