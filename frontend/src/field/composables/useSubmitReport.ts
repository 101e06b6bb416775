import { ref, shallowRef } from 'vue'

import { ApiError } from '@/shared/api/client'
import type { CaseDetail } from '@/shared/api/types'

import { samePayload, toPayload, type ReportDraft, type ReportPayload } from '../lib/draft'
import { hasCode, isUnanswered } from '../lib/errors'

export type SubmitState = 'idle' | 'sending' | 'unanswered' | 'refused'
export interface Sent {
  detail: CaseDetail
  /** True when an earlier attempt had arrived, so later changes are not in the case. */
  editsLeftOut: boolean
}

type Post = (payload: ReportPayload) => Promise<CaseDetail>

/**
 * Sends one report, however often it takes. An outbox can replace this: same `submit`, same states.
 * `remember` must put the draft on the disk before anything leaves, so that a kill keeps UUID and attempts.
 */
export function useSubmitReport(draft: ReportDraft, post: Post, remember: () => Promise<void>) {
  const state = ref<SubmitState>(draft.unanswered.length ? 'unanswered' : 'idle')
  const error = shallowRef<unknown>(null)

  function forget(payload: ReportPayload): void {
    draft.unanswered = draft.unanswered.filter((sent) => !samePayload(sent, payload))
  }

  async function attempt(payload: ReportPayload): Promise<Sent> {
    if (!draft.unanswered.some((sent) => samePayload(sent, payload))) draft.unanswered.push({ ...payload })
    await remember()
    try {
      return { detail: await post(payload), editsLeftOut: false }
    } catch (failure) {
      if (isUnanswered(failure)) throw failure
      forget(payload)
      if (hasCode(failure, 'client_id_conflict')) return findEarlier(failure)
      throw failure
    }
  }

  /** The server holds other content under our UUID: one of the unanswered attempts. Ask which. */
  async function findEarlier(conflict: ApiError): Promise<Sent> {
    for (const earlier of [...draft.unanswered].reverse()) {
      try {
        return { detail: await post(earlier), editsLeftOut: true }
      } catch (failure) {
        if (!hasCode(failure, 'client_id_conflict')) throw failure
      }
    }
    throw conflict
  }

  async function submit(): Promise<Sent | null> {
    if (state.value === 'sending') return null
    state.value = 'sending'
    error.value = null
    // Fixed once: a retry must carry the same content, or the server would call it another report.
    draft.reportedAt ??= new Date().toISOString()
    try {
      const sent = await attempt(toPayload(draft))
      state.value = 'idle'
      return sent
    } catch (failure) {
      error.value = failure
      state.value = isUnanswered(failure) ? 'unanswered' : 'refused'
      await remember()
      return null
    }
  }

  return { state, error, submit }
}
