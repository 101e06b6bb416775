import type { Language } from '@/shared/api/types'

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

let fetchWords: (language: Language) => Promise<void> = async () => undefined

/** For an app that has the words of one language only until another is chosen. */
export function fetchWordsBy(fetch: typeof fetchWords): void {
  fetchWords = fetch
}

/** Over when the words of this language are there; rejects where they cannot be had. */
export const readyFor = (language: Language) => fetchWords(language)
