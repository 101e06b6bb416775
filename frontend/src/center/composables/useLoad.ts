import { onScopeDispose, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { ApiError } from '@/shared/api/client'

import { messageOf } from './errors'

/**
 * One remote value with its loading and error state. A newer load aborts an older one, so that a slow answer never
 * overwrites a fresh one; `quiet` reloads keep what is on the screen, also when they fail – unless it is not there
 * any more, or no longer this person's to see.
 */
export function useLoad<Value>(fetcher: (signal: AbortSignal) => Promise<Value>) {
  const { t } = useI18n({ useScope: 'global' })
  const value = shallowRef<Value | null>(null)
  const error = ref<string | null>(null)
  const loading = ref(false)
  /** The answer was "not found": trying again would only say it again. */
  const gone = ref(false)
  let running: AbortController | null = null

  function fail(cause: unknown, mine: AbortController, quiet: boolean): void {
    const missing = cause instanceof ApiError && cause.status === 404
    if (mine.signal.aborted || (quiet && value.value !== null && !missing)) return
    error.value = messageOf(cause, t)
    gone.value = missing
  }
  async function load(quiet = false): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    loading.value ||= !quiet
    try {
      const answer = await fetcher(mine.signal)
      if (mine.signal.aborted) return
      value.value = answer
      error.value = null
    } catch (cause) {
      fail(cause, mine, quiet)
    } finally {
      if (mine === running) loading.value = false
    }
  }
  onScopeDispose(() => running?.abort())
  return { value, error, gone, loading, load }
}
