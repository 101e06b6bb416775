import { computed, reactive, ref, shallowRef, watch } from 'vue'

import { ApiError } from '@/shared/api/client'
import type { Act, CaseDetail, KeptAct } from '@/shared/api/types'
import { newId } from '@/shared/newId'
import { fromShanghai } from '@/shared/time'

import { calls, type ActBody } from '../api'
import { hasCode, isFull, isUnanswered } from '../lib/errors'
import { fieldDatabase, type FieldDatabase } from '../offline/db'
import { keepAct, settle, takeBack } from '../offline/doing'
import { keepOr } from '../offline/room'

export type ActValue = string | boolean | number[] | null
export type ActState = 'idle' | 'sending' | 'unanswered' | 'stale' | 'refused' | 'full'
/** What became of it: done (the case as it is then, if the server told), kept on the phone, or kept for a decision. */
export type ActDone = { state: 'done'; detail: CaseDetail | null } | { state: 'kept' } | { state: 'conflict'; reason: string }

type Send = (id: string, act: string, body: ActBody) => Promise<CaseDetail | KeptAct>

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
export function useAct(detail: CaseDetail, act: Act, owner: string, send: Send = calls.act, open = fieldDatabase) {
  const caseId = String(detail.id)
  const key = typedKey(owner, caseId, act.act)
  const values = reactive<Record<string, ActValue>>(typedBefore(key))
  const state = ref<ActState>('idle')
  const error = shallowRef<unknown>(null)
  let clientId = newId()

  watch(values, () => keep(key, values))

  const missing = () => act.fields.filter((field) => field.required && isEmpty(values[field.name]))

  function typed(): Record<string, unknown> {
    const filled = Object.entries(values).filter(([, value]) => !isEmpty(value))
    return Object.fromEntries(filled.map(([name, value]) => [name, bodyValue(act, name, value)]))
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

  /** This browser keeps nothing, or nothing more: at once or not at all. */
  async function directly(version: number): Promise<ActDone | null> {
    try {
      const answer = await send(caseId, act.act, { ...typed(), version, client_id: clientId })
      return { state: 'done', detail: 'conflict' in answer ? null : answer }
    } catch (failure) {
      fail(failure)
      return null
    }
  }

  /** Written down first, then sent; a clear no takes it back into the form. */
  async function overTheOutbox(database: FieldDatabase, seen: CaseDetail): Promise<ActDone | null> {
    await keepAct(database, owner, seen, act, clientId, typed())
    const settled = await settle(database, clientId)
    if (settled.state !== 'refused') return settled
    await takeBack(database, clientId)
    fail(settled.error)
    return null
  }

  async function withoutRoom(version: number): Promise<ActDone | null> {
    const done = await directly(version)
    if (state.value === 'unanswered') state.value = 'full'
    return done
  }

  /** Without room the words stay in the form, and it says so. */
  async function kept(database: FieldDatabase, seen: CaseDetail): Promise<ActDone | null> {
    try {
      return await keepOr(() => overTheOutbox(database, seen), () => withoutRoom(seen.version))
    } catch (failure) {
      if (isFull(failure)) state.value = 'full'
      else fail(failure)
      return null
    }
  }

  /** `seen` is the case as it is on the screen. */
  async function submit(seen: CaseDetail = detail): Promise<ActDone | null> {
    if (state.value === 'sending') return null
    state.value = 'sending'
    error.value = null
    const database = await open()
    const done = await (database ? kept(database, seen) : directly(seen.version))
    if (done) {
      keep(key, null)
      state.value = 'idle'
    }
    return done
  }

  /** What is known beforehand; words that were kept from an earlier try stand. */
  function start(known: Record<string, ActValue>): void {
    for (const [name, value] of Object.entries(known)) if (isEmpty(values[name])) values[name] = value
  }

  return { values, state, error, start, changedAt: computed(() => changedAt(error.value)), missing, submit }
}

const typedKey = (owner: string, caseId: string, act: string) => `wangge.act.${owner}.${caseId}.${act}`

/** Puts words back into the form they came from: it opens with them. */
export function putBack(owner: string, caseId: string, act: string, values: Record<string, ActValue>): void {
  keep(typedKey(owner, caseId, act), values)
}

function typedBefore(key: string): Record<string, ActValue> {
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
