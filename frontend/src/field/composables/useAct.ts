import { computed, reactive, ref, shallowRef, watch } from 'vue'

import { ApiError } from '@/shared/api/client'
import type { Act, CaseDetail } from '@/shared/api/types'
import { newId } from '@/shared/newId'
import { fromShanghai } from '@/shared/time'

import { calls, type ActBody } from '../api'
import { hasCode, isUnanswered } from '../lib/errors'

export type ActValue = string | boolean | number[] | null
export type ActState = 'idle' | 'sending' | 'unanswered' | 'stale' | 'refused'

type Send = (id: string, act: string, body: ActBody) => Promise<CaseDetail>

/** Someone was quicker, or an earlier attempt had arrived: the case must be looked at again. */
const OVERTAKEN = ['stale_version', 'not_allowed_now', 'client_id_conflict']

function changedAt(error: unknown): string | null {
  const at = error instanceof ApiError ? error.body.changed_at : null
  return typeof at === 'string' ? at : null
}

const NUMBERS: readonly string[] = ['organisation', 'user', 'number']
const isEmpty = (value: ActValue | undefined) => value === undefined || value === null || (typeof value === 'boolean' ? false : value.length === 0)

function bodyValue(act: Act, name: string, value: ActValue): unknown {
  const type = act.fields.find((field) => field.name === name)?.type
  if (type === 'datetime' && typeof value === 'string') return fromShanghai(value)
  if (NUMBERS.includes(type ?? '')) return Number(value)
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
  let clientId = newId()

  watch(values, () => keep(key, values))

  const missing = () => act.fields.filter((field) => field.required && isEmpty(values[field.name]))

  function body(version: number): ActBody {
    const filled = Object.entries(values).filter(([, value]) => !isEmpty(value))
    const fields = filled.map(([name, value]) => [name, bodyValue(act, name, value)])
    return { ...Object.fromEntries(fields), version, client_id: clientId }
  }

  function fail(failure: unknown): void {
    error.value = failure
    if (isUnanswered(failure)) {
      state.value = 'unanswered'
      return
    }
    clientId = newId()
    state.value = OVERTAKEN.some((code) => hasCode(failure, code)) ? 'stale' : 'refused'
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

  /** What is known beforehand; words that were kept from an earlier try stand. */
  function start(known: Record<string, ActValue>): void {
    for (const [name, value] of Object.entries(known)) if (isEmpty(values[name])) values[name] = value
  }

  return { values, state, error, start, changedAt: computed(() => changedAt(error.value)), missing, submit }
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
