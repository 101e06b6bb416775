import { createI18n } from 'vue-i18n'

import { ApiError } from '@/shared/api/client'
import type { CaseDetail, Category } from '@/shared/api/types'
import sharedZh from '@/shared/i18n/zh'

import type { ReportPayload } from '@/field/lib/draft'
import zh from '@/field/i18n/zh'

export const i18n = () => createI18n<false>({ legacy: false, locale: 'zh-hans', messages: { 'zh-hans': { ...sharedZh, ...zh } } })

export const dropped = () => new ApiError(0, 'network', '')
export const refused = (field: string, message: string) =>
  new ApiError(400, 'invalid', message, field, [{ code: 'invalid', message, field }])

/** A server that keeps cases by client_id as the contract says, and may lose its answers. */
export class FakeServer {
  readonly kept = new Map<string, ReportPayload>()
  readonly seen: ReportPayload[] = []
  loseAnswers = 0
  loseRequests = 0
  refuse: ApiError | null = null

  readonly post = async (payload: ReportPayload): Promise<CaseDetail> => {
    this.seen.push({ ...payload })
    if (this.loseRequests-- > 0) throw dropped()
    if (this.refuse) throw this.refuse
    const known = this.kept.get(payload.client_id)
    if (known && JSON.stringify(known) !== JSON.stringify(payload)) throw new ApiError(409, 'client_id_conflict', '')
    this.kept.set(payload.client_id, { ...payload })
    if (this.loseAnswers-- > 0) throw dropped()
    return { id: 7, number: 'A-7', client_id: payload.client_id, description: payload.description } as CaseDetail
  }
}

const row = (code: string, name: string, emergency = false): Category => ({
  code,
  name,
  name_zh: name,
  name_en: name,
  parent: code.length > 1 ? code.charAt(0) : null,
  emergency,
  initials: '',
  keywords: [],
})
export const CATEGORIES: Category[] = [
  ...'ABCDEFGHI'.split('').flatMap((letter) => [row(letter, `类${letter}`), row(`${letter}01`, `类${letter}一`)]),
  row('J', '突发事件', true),
  row('J01', '火情', true),
]
