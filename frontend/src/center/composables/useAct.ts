import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, ApiError } from '@/shared/api/client'
import type { Act, CaseDetail } from '@/shared/api/types'
import { newId } from '@/shared/newId'

import { emptyValues, missingFields, payloadOf, type Values } from './actForm'
import { messageOf } from './errors'

/** Somebody was quicker: the case must be read again before anything else is tried. */
const OVERTAKEN = ['stale_version', 'not_allowed_now']

export interface Stale {
  /** The server's sentence: who changed the case, and how. */
  message: string
  at: string | null
}

export function staleFrom(error: ApiError): Stale {
  const at = error.body.changed_at
  return { message: error.message, at: typeof at === 'string' ? at : null }
}

interface Refusal {
  fields: Record<string, string>
  general: string | null
}

/** Each sentence goes to its field; what names no field of this form is said above it. */
export function refusalFrom(error: ApiError, act: Act, fallback: string): Refusal {
  const names = act.fields.map((field) => field.name)
  const fields: Record<string, string> = {}
  for (const name of names) {
    const message = error.forField(name)
    if (message) fields[name] = message
  }
  return { fields, general: Object.keys(fields).length ? null : fallback }
}

/**
 * One act on one case, from its form to the server's answer. The typed values live here and survive every refusal,
 * a lost network and another person's change in between; only success or closing the form empties them.
 */
export function useAct(current: () => CaseDetail | null, reload: () => Promise<void>, done: (act: Act, row: CaseDetail) => void) {
  const { t } = useI18n({ useScope: 'global' })
  const act = shallowRef<Act | null>(null)
  const values = ref<Values>({})
  const fieldErrors = ref<Record<string, string>>({})
  const general = ref<string | null>(null)
  const stale = ref<Stale | null>(null)
  const busy = ref(false)
  // The same id on every try of one filled-in form: a retry after a lost answer cannot act twice.
  let attempt = newId()

  function clearRefusal(): void {
    fieldErrors.value = {}
    general.value = null
    stale.value = null
  }
  /** `known` is what the person has just agreed to, as the amount that was asked for. */
  function open(chosen: Act, known: Values = {}): void {
    act.value = chosen
    values.value = { ...emptyValues(chosen.fields), ...known }
    attempt = newId()
    clearRefusal()
  }
  function close(): void {
    act.value = null
  }
  function refused(error: unknown): void {
    general.value = messageOf(error, t)
    if (!(error instanceof ApiError) || error.offline || !act.value) return
    // The server answered and did nothing: what is sent next is a new attempt.
    attempt = newId()
    if (OVERTAKEN.includes(error.code)) {
      stale.value = staleFrom(error)
      general.value = null
      return
    }
    const refusal = refusalFrom(error, act.value, general.value)
    fieldErrors.value = refusal.fields
    general.value = refusal.general
  }
  async function send(chosen: Act, row: CaseDetail): Promise<void> {
    busy.value = true
    try {
      const body = { ...payloadOf(chosen.fields, values.value), version: row.version, client_id: attempt }
      const answer = await api.post<CaseDetail>(`cases/${row.id}/acts/${chosen.act}/`, body)
      close()
      done(chosen, answer)
    } catch (error) {
      refused(error)
    } finally {
      busy.value = false
    }
  }
  async function submit(): Promise<void> {
    const row = current()
    if (!act.value || !row || busy.value) return
    clearRefusal()
    const missing = missingFields(act.value.fields, values.value)
    if (missing.length) fieldErrors.value = Object.fromEntries(missing.map((name) => [name, t('act.required')]))
    else await send(act.value, row)
  }
  /** After another person's change: read the case anew, keep the text, and let the person send it again if it still applies. */
  async function reloadAndKeep(): Promise<void> {
    await reload()
    const still = current()?.acts.find((one) => one.act === act.value?.act)
    clearRefusal()
    if (still) act.value = still
    else general.value = t('act.noLonger', { state: current()?.state_name ?? '' })
  }

  const possible = computed(() => current()?.acts.some((one) => one.act === act.value?.act) ?? false)
  return { act, values, fieldErrors, general, stale, busy, possible, open, close, submit, reloadAndKeep }
}
