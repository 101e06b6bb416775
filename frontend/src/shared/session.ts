import { computed, readonly, ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, setApiLanguage, whenSignedOut } from './api/client'
import type { Language, Me, Session } from './api/types'
import { readyFor, rememberLanguage, rememberedLanguage } from './i18n/language'

// One session per page load: module state, so that the router and every component see the same one.
const session = ref<Session | null>(null)
const ended = ref(false)

whenSignedOut(() => {
  if (!session.value?.signed_in) return
  session.value = { ...session.value, signed_in: false, user: null }
  ended.value = true
})

function take(answer: Session): Session {
  session.value = answer
  return answer
}

/** Loads the session once; later calls answer from memory. `again` asks the server anew; `asked` is on its way already. */
export async function loadSession(again = false, asked: Promise<Session> | null = null): Promise<Session> {
  if (session.value && !again) return session.value
  setApiLanguage(rememberedLanguage())
  return take(await (asked ?? api.get<Session>('session/')))
}

/** Goes on with a session known from before, until the server can be asked. */
export function resumeSession(known: Session): void {
  session.value ??= known
}

/** The server was asked late and knows of nobody: what is on the screen ends. */
export function endSession(): void {
  if (session.value?.user) session.value = { ...session.value, signed_in: false, user: null }
  ended.value = true
}

export async function signIn(username: string, password: string): Promise<Session> {
  const answer = take(await api.post<Session>('session/', { username, password }))
  ended.value = false
  return answer
}

export async function signOut(): Promise<void> {
  await api.remove('session/')
  ended.value = false
  // The server rotates the CSRF token with the session; asking again brings the new cookie.
  await loadSession(true)
}

function useLanguage(signedIn: () => boolean) {
  const { locale } = useI18n({ useScope: 'global' })
  async function setLanguage(language: Language): Promise<void> {
    await readyFor(language)
    locale.value = language
    setApiLanguage(language)
    rememberLanguage(language)
    if (signedIn()) {
      const user = await api.patch<Me>('me/', { language })
      if (session.value) session.value = { ...session.value, language, user }
    }
  }
  return { language: computed(() => locale.value as Language), setLanguage }
}

export function useSession() {
  return {
    session: readonly(session),
    ended,
    user: computed(() => session.value?.user ?? null),
    demo: computed(() => session.value?.demo ?? false),
    load: loadSession,
    signIn,
    signOut,
    ...useLanguage(() => session.value?.signed_in ?? false),
  }
}
