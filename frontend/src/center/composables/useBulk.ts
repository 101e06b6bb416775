import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, ApiError } from '@/shared/api/client'
import type { Act, ActField, CaseRow, Done } from '@/shared/api/types'
import { newId } from '@/shared/newId'

import { emptyValues, missingFields, payloadOf, type Value, type Values, withValue } from './actForm'
import { messageOf } from './errors'
import { refusalFrom } from './useAct'

const MANY_ACTS = ['accept', 'assign', 'nudge', 'comment', 'archive'] as const
type ManyAct = (typeof MANY_ACTS)[number]
export const MOST = 100

const OF_CENTER = ['center_operator', 'center_head']
const ONLY_READING = ['auditor', 'admin']

/** Which acts on many are this person's at all; whether one may be done is the server's word, case by case. */
export function bulkActs(roles: readonly string[]): readonly ManyAct[] {
  if (roles.some((role) => OF_CENTER.includes(role))) return MANY_ACTS
  const leader = roles.includes('leader')
  const writes = roles.some((role) => role !== 'leader' && !ONLY_READING.includes(role))
  return MANY_ACTS.filter((act) => (act === 'nudge' && leader) || (act === 'comment' && writes))
}

type Translate = (key: string) => string

/** The form of an act on many: what is the same for all of them. */
export function bulkForm(act: ManyAct, t: Translate): Act {
  const field = (name: string, type: ActField['type'], required = false): ActField => ({ name, type, label: t(`bulk.field.${name}`), required })
  const words = field('text', 'text', act === 'comment')
  const fields = act === 'assign' ? [field('organisation', 'organisation', true), field('assignee', 'user'), words] : [words]
  return { act, name: t(`bulk.act.${act}`), primary: true, fields }
}

export interface Outcome {
  row: CaseRow
  ok: boolean
  message: string
}

function outcomesOf(sent: readonly CaseRow[], done: readonly Done[]): Outcome[] {
  const byId = new Map(done.map((one) => [one.id, one]))
  return sent.map((row) => ({ row, ok: byId.get(row.id)?.ok ?? false, message: byId.get(row.id)?.message ?? '' }))
}

/** The cases that are picked; each is sent with the version that the list shows. */
export function usePicked(rows: () => readonly CaseRow[]) {
  const picked = shallowRef<ReadonlyMap<number, CaseRow>>(new Map())
  const take = (list: readonly CaseRow[]) => (picked.value = new Map(list.slice(0, MOST).map((row) => [row.id, row])))
  function toggle(row: CaseRow): void {
    const others = [...picked.value.values()].filter((one) => one.id !== row.id)
    take(picked.value.has(row.id) ? others : [...others, row])
  }
  const all = computed(() => rows().length > 0 && rows().every((row) => picked.value.has(row.id)))
  const toggleAll = () => take(all.value ? [] : rows())
  const shown = () => [...picked.value.values()].map((one) => rows().find((row) => row.id === one.id) ?? one)
  return { picked, all, take, toggle, toggleAll, shown }
}

/** One act on the picked cases, from its form to one answer per case. What failed stays picked. */
export function useBulk(selection: ReturnType<typeof usePicked>, done: () => Promise<void>) {
  const { t } = useI18n({ useScope: 'global' })
  const act = shallowRef<Act | null>(null)
  const values = ref<Values>({})
  const fieldErrors = ref<Record<string, string>>({})
  const general = ref<string | null>(null)
  const busy = ref(false)
  const outcomes = shallowRef<Outcome[] | null>(null)
  // The same id on every try: a retry after a lost answer tells what the first one did.
  let attempt = newId()

  function open(chosen: Act): void {
    act.value = chosen
    values.value = emptyValues(chosen.fields)
    fieldErrors.value = {}
    general.value = null
    attempt = newId()
  }
  const close = () => void (act.value = null)
  const change = (name: string, value: Value) => void (values.value = withValue(values.value, name, value))

  function refused(error: unknown, chosen: Act): void {
    general.value = messageOf(error, t)
    if (!(error instanceof ApiError) || error.offline) return
    attempt = newId()
    const refusal = refusalFrom(error, chosen, general.value)
    fieldErrors.value = refusal.fields
    general.value = refusal.general
  }
  async function send(chosen: Act): Promise<void> {
    const sent = selection.shown()
    busy.value = true
    try {
      const cases = sent.map(({ id, version }) => ({ id, version }))
      const answer = await api.post<{ results: Done[] }>(`cases/many/${chosen.act}/`, { ...payloadOf(chosen.fields, values.value), client_id: attempt, cases })
      outcomes.value = outcomesOf(sent, answer.results)
      // As it is now: whoever tries again has read why it was refused.
      const now = new Map(answer.results.map((one) => [one.id, one.case]))
      selection.take(outcomes.value.filter((one) => !one.ok).flatMap(({ row }) => now.get(row.id) ?? []))
      close()
      await done()
    } catch (error) {
      refused(error, chosen)
    } finally {
      busy.value = false
    }
  }
  async function submit(): Promise<void> {
    if (!act.value || busy.value) return
    const missing = missingFields(act.value.fields, values.value)
    fieldErrors.value = Object.fromEntries(missing.map((name) => [name, t('act.required')]))
    general.value = null
    if (!missing.length) await send(act.value)
  }
  return { act, values, fieldErrors, general, busy, outcomes, open, close, change, submit }
}
