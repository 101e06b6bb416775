import { reactive, ref, shallowRef, watch } from 'vue'

import { ApiError } from '@/shared/api/client'
import type { Act, CaseDetail } from '@/shared/api/types'
import { fromShanghai } from '@/shared/time'

import { calls, type ActBody } from '../api'
import { hasCode, isUnanswered } from '../lib/errors'
import { newUuid } from '../lib/uuid'

export type ActValue = string | boolean | null
export type ActState = 'idle' | 'sending' | 'unanswered' | 'stale' | 'refused'
export interface Change {
  by: string
  act: string
  at: string
}

type Send = (id: string, act: string, body: ActBody) => Promise<CaseDetail>

const nameOf = (value: unknown): string =>
  typeof value === 'string' ? value : String((value as { name?: string } | null)?.name ?? '')

function changeIn(error: ApiError): Change | null {
  const { changed_by: by, changed_at: at, act, act_name: actName } = error.body
  if (!nameOf(by) || typeof at !== 'string') return null
  return { by: nameOf(by), at, act: nameOf(actName) || nameOf(act) }
}

function bodyValue(act: Act, name: string, value: ActValue): unknown {
  const type = act.fields.find((field) => field.name === name)?.type
  if (type === 'datetime' && typeof value === 'string') return fromShanghai(value)
  if (type === 'organisation' || type === 'user') return Number(value)
  return value
}

/**
 * One act on one case. Typed words stay in `values` and in localStorage until the server took them,
 * and a retry of the same words carries the same client_id.
 */
export function useAct(caseId: string, act: Act, owner: string, send: Send = calls.act) {
  const key = `wangge.act.${owner}.${caseId}.${act.act}`
  const values = reactive<Record<string, ActValue>>(kept(key))
  const state = ref<ActState>('idle')
  const error = shallowRef<unknown>(null)
  const change = shallowRef<Change | null>(null)
  let clientId = newUuid()

  watch(values, () => keep(key, values))

  const missing = () => act.fields.filter((field) => field.required && (values[field.name] ?? '') === '')

  function body(version: number): ActBody {
    const filled = Object.entries(values).filter(([, value]) => value !== null && value !== '')
    const fields = filled.map(([name, value]) => [name, bodyValue(act, name, value)])
    return { ...Object.fromEntries(fields), version, client_id: clientId }
  }

  function fail(failure: unknown): void {
    error.value = failure
    if (isUnanswered(failure)) {
      state.value = 'unanswered'
      return
    }
    clientId = newUuid()
    const stale = hasCode(failure, 'stale_version') || hasCode(failure, 'client_id_conflict')
    if (stale) change.value = changeIn(failure)
    state.value = stale ? 'stale' : 'refused'
  }

  async function submit(version: number): Promise<CaseDetail | null> {
    if (state.value === 'sending') return null
    state.value = 'sending'
    try {
      const answer = await send(caseId, act.act, body(version))
      keep(key, null)
      state.value = 'idle'
      return answer
    } catch (failure) {
      fail(failure)
      return null
    }
  }

  return { values, state, error, change, missing, submit }
}

function kept(key: string): Record<string, ActValue> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, ActValue>
  } catch {
    return {}
  }
}

function keep(key: string, values: Record<string, ActValue> | null): void {
  try {
    if (values) localStorage.setItem(key, JSON.stringify(values))
    else localStorage.removeItem(key)
  } catch {
    // Full or forbidden storage: the words are still on the screen.
  }
}
