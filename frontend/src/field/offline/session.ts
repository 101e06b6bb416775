import { answerOf } from '@/shared/api/client'
import type { Session } from '@/shared/api/types'
import { endSession, loadSession, resumeSession } from '@/shared/session'

const KEY = 'wangge.session'
/** Longer than this nobody waits who has everything on the phone. */
const PATIENCE = 1_500

/** Who was signed in here last; goes with signing out. */
export function keptSession(): Session | null {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Session | null
    return known?.user ? known : null
  } catch {
    return null
  }
}

export function keepSession(session: Session | null): void {
  try {
    if (session?.user) localStorage.setItem(KEY, JSON.stringify(session))
    else localStorage.removeItem(KEY)
  } catch {
    // Full or forbidden: the next start needs a net.
  }
}

declare global {
  interface Window {
    /** By public/look.js, with the page itself. */
    wanggeAsked?: Promise<Response>
  }
}

/** The answer to what was asked before the app was there; only once, for it grows old. */
function askedBefore(): Promise<Session> | null {
  const asked = window.wanggeAsked
  delete window.wanggeAsked
  return asked ? answerOf<Session>(asked) : null
}

/** The session of the server, or, without an answer, the one this phone knows. */
export async function startSession(): Promise<Session> {
  const known = keptSession()
  const asked = loadSession(false, askedBefore()).then((session) => {
    keepSession(session.user ? session : null)
    return session
  })
  if (!known) return asked
  const first = await Promise.race([asked.catch(() => null), new Promise<null>((done) => setTimeout(done, navigator.onLine ? PATIENCE : 0, null))])
  if (first) return first
  resumeSession(known)
  void later()
  return known
}

/** Asks again, in the background, until the server has said who this is. */
async function later(): Promise<void> {
  try {
    const session = await loadSession(true)
    keepSession(session.user ? session : null)
    if (!session.user) endSession()
  } catch {
    window.addEventListener('online', () => void later(), { once: true })
  }
}
