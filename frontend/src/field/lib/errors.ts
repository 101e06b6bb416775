import { ApiError } from '@/shared/api/client'

type Translate = (key: string) => string

interface Failure {
  name?: string
  inner?: unknown
  failures?: unknown[]
}

/** The store had no room for it: Dexie wraps what the browser said, once or more. */
export function isFull(failure: unknown): boolean {
  const { name, inner, failures = [] } = (failure ?? {}) as Failure
  return name === 'QuotaExceededError' || [inner, ...failures].some((cause) => cause && isFull(cause))
}

/** The sentence for a failed call: the server's own where it gave one. */
export function sentenceFor(error: unknown, t: Translate): string {
  if (isFull(error)) return t('field.error.full')
  if (!(error instanceof ApiError)) return t('error.unexpected')
  if (error.offline) return t('error.network')
  if (error.status === 401) return t('field.error.signedOut')
  if (error.message) return error.message
  return error.status === 404 ? t('error.not_found') : t('error.unexpected')
}

/** No answer, or one that says nothing about whether the request was carried out. */
export function isUnanswered(error: unknown): boolean {
  return !(error instanceof ApiError) || error.offline || error.status >= 500
}

export function hasCode(error: unknown, code: string): error is ApiError {
  return error instanceof ApiError && error.code === code
}
