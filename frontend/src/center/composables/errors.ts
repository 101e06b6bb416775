import { ApiError } from '@/shared/api/client'

type Translate = (key: string) => string

/** The server's own sentence where there is one; else ours for what went wrong. */
export function messageOf(error: unknown, t: Translate): string {
  if (!(error instanceof ApiError)) return t('error.unexpected')
  if (error.offline) return t('error.network')
  if (error.message) return error.message
  if (error.status === 404) return t('error.not_found')
  return error.status === 429 ? t('error.throttled') : t('error.unexpected')
}
