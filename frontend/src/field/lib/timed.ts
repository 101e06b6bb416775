import { ApiError } from '@/shared/api/client'

/** A village signal can hang for minutes; after this long we stop waiting and say that no answer came. */
export function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ApiError(0, 'timeout', '')), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
