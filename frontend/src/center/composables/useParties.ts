import { onScopeDispose, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { ApiError, api } from '@/shared/api/client'
import type { Parties, PartyInput, PartyLook, WholeParty } from '@/shared/api/types'
import { newId } from '@/shared/newId'

import { messageOf } from './errors'
import { useLoad } from './useLoad'

/** How long a whole name stays on the screen of a desk that others walk past. */
export const SHOWN_MS = 60_000
export const KINDS = ['person', 'organisation'] as const
export const SIDES = ['applicant', 'respondent', 'concerned'] as const
export const PURPOSES = ['handle', 'mediate', 'contact', 'duplicate', 'inspection'] as const
export type Purpose = (typeof PURPOSES)[number]
export type Draft = Pick<PartyInput, 'kind' | 'side' | 'name'> & { phone: string }

export const emptyDraft = (): Draft => ({ kind: 'person', side: 'applicant', name: '', phone: '' })

/** The parties of a case: the masked list, and what may be done with it. A failed act leaves what was typed. */
export function useParties(caseId: () => number) {
  const { t } = useI18n({ useScope: 'global' })
  const { value, error, gone, load } = useLoad<Parties>((signal) => api.get(`cases/${caseId()}/parties/`, {}, signal))
  const whole = shallowRef<WholeParty | null>(null)
  const looks = shallowRef<PartyLook[] | null>(null)
  const more = ref<number | null>(null)
  const problem = ref('')
  const busy = ref(false)
  let entry = newId()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function tried(work: () => Promise<void>): Promise<boolean> {
    busy.value = true
    problem.value = ''
    try {
      await work()
      return true
    } catch (cause) {
      problem.value = (cause instanceof ApiError && cause.message) || messageOf(cause, t)
      return false
    } finally {
      busy.value = false
    }
  }
  /** The same entry sent again, after an answer that never came, is the same party. */
  const add = (draft: Draft) =>
    tried(async () => {
      await api.post(`cases/${caseId()}/parties/`, { ...draft, client_id: entry })
      entry = newId()
      await load(true)
    })
  const remove = (id: number, reason: string) =>
    tried(async () => {
      await api.remove(`cases/${caseId()}/parties/${id}/`, { reason })
      await load(true)
    })
  const look = (id: number, purpose: Purpose, words: string) =>
    tried(async () => {
      hide()
      whole.value = await api.post<WholeParty>(`cases/${caseId()}/parties/${id}/look/`, { purpose, words })
      timer = setTimeout(hide, SHOWN_MS)
      if (looks.value) await readLooks()
    })
  function hide(): void {
    clearTimeout(timer)
    whole.value = null
  }
  async function readLooks(before?: number): Promise<void> {
    const page = await api.get<{ results: PartyLook[]; next: number | null }>(`cases/${caseId()}/parties/looks/`, { before })
    looks.value = before === undefined ? page.results : [...(looks.value ?? []), ...page.results]
    more.value = page.next
  }
  const openLooks = () => tried(() => readLooks(more.value ?? undefined))
  function closeLooks(): void {
    looks.value = null
    more.value = null
  }
  /** A correction is another entry: only the same words are a retry. */
  function changed(): void {
    entry = newId()
  }
  onScopeDispose(hide)
  return { value, error, gone, load, whole, looks, more, problem, busy, add, remove, look, hide, openLooks, closeLooks, changed }
}
