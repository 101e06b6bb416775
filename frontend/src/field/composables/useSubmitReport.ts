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

/** The server holds other content under our UUID: one of the unanswered attempts. Ask which, newest first. */
async function findEarlier(attempts: ReportPayload[], post: Post, conflict: ApiError): Promise<Sent> {
  for (const earlier of [...attempts].reverse()) {
    try {
      return { detail: await post(earlier), editsLeftOut: true }
    } catch (failure) {
      if (!hasCode(failure, 'client_id_conflict')) throw failure
    }
  }
  throw conflict
}

/** One attempt, written down before it leaves so that a kill keeps the UUID and what was sent under it. */
async function attempt(draft: ReportDraft, post: Post, remember: () => Promise<void>): Promise<Sent> {
  const payload = toPayload(draft)
  const isThis = (sent: ReportPayload) => samePayload(sent, payload)
  if (!draft.unanswered.some(isThis)) draft.unanswered.push(payload)
  await remember()
  try {
    return { detail: await post(payload), editsLeftOut: false }
  } catch (failure) {
    if (isUnanswered(failure)) throw failure
    // A clear answer: this content is not there.
    draft.unanswered = draft.unanswered.filter((sent) => !isThis(sent))
    if (hasCode(failure, 'client_id_conflict')) return findEarlier(draft.unanswered, post, failure)
    throw failure
  }
}

/** Sends one report, however often it takes. An outbox can replace this: same `submit`, same states. */
export function useSubmitReport(draft: ReportDraft, post: Post, remember: () => Promise<void>) {
  const state = ref<SubmitState>(draft.unanswered.length ? 'unanswered' : 'idle')
  const error = shallowRef<unknown>(null)

  async function submit(): Promise<Sent | null> {
    if (state.value === 'sending') return null
    state.value = 'sending'
    error.value = null
    // Fixed once: a retry must carry the same content, or the server would call it another report.
    draft.reportedAt ??= new Date().toISOString()
    try {
      const sent = await attempt(draft, post, remember)
      state.value = 'idle'
      return sent
    } catch (failure) {
      error.value = failure
      state.value = isUnanswered(failure) ? 'unanswered' : 'refused'
      await remember()
      return null
    }
  }

  /** After the form was cleared: what is written next has never been sent. */
  function reset(): void {
    state.value = 'idle'
    error.value = null
  }

  return { state, error, submit, reset }
}
