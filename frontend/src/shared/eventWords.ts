import type { CaseEvent } from '@/shared/api/types'
import { dateOnly, dateTime } from '@/shared/time'

type Translate = (key: string, values?: Record<string, unknown>) => string
type Data = Record<string, unknown>

/** Names of people and units by their id; whoever is not known is not guessed at. */
export interface EventNames {
  person: (id: number) => string | undefined
  unit: (id: number) => string | undefined
}
export const NO_NAMES: EventNames = { person: () => undefined, unit: () => undefined }

interface Telling {
  t: Translate
  language: string
  names: EventNames
  act: string
  at?: string
}
type Teller = (data: Data, telling: Telling) => string | undefined

const asText = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)
const asNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** A day or a moment as people read it; anything else is left out. */
function when(value: unknown, language: string): string | undefined {
  const text = asText(value)
  if (!text || Number.isNaN(Date.parse(text))) return undefined
  return /^\d{4}-\d\d-\d\d$/.test(text) ? dateOnly(text, language) : dateTime(text, language)
}

const unitName = (data: Data, names: EventNames) => {
  const id = asNumber(data.organisation)
  return asText(data.organisation_name) ?? (id === undefined ? undefined : names.unit(id))
}
function moment(key: string): Teller {
  return (data, { t, language }) => {
    const at = when(data[key], language)
    return at && t(`timeline.data.${key}`, { at })
  }
}
function oneOf(key: string, values: readonly string[]): Teller {
  return (data, { t }) => (values.includes(String(data[key])) ? t(`timeline.data.${key}.${String(data[key])}`) : undefined)
}
function word(key: string): Teller {
  return (data, { t }) => {
    const said = asText(data[key])
    return said && t(`timeline.data.${key}`, { name: said })
  }
}

const units: Teller = (data, { t, names }) => {
  const name = unitName(data, names)
  return name && t('timeline.data.organisation', { name })
}
const assignee: Teller = (data, { t, names, act }) => {
  const id = asNumber(data.assignee)
  const name = id === undefined ? undefined : names.person(id)
  return name && t(act === 'reassign' ? 'timeline.data.reassigned' : 'timeline.data.assignee', { name })
}
const assistants: Teller = (data, { t, names }) => {
  const ids = Array.isArray(data.assistants) ? data.assistants : []
  const said = ids.map((id) => names.unit(Number(id))).filter(Boolean)
  return said.length ? t('timeline.data.assistants', { names: said.join(' · ') }) : undefined
}
const hop: Teller = (data, { t }) => (typeof data.hop === 'number' ? t('timeline.data.hop', { n: data.hop }) : undefined)
const first: Teller = (data, { t }) => (data.first_responsible === true ? t('timeline.data.first_responsible') : undefined)

/** Given, of what was asked for; asked for; or refused. */
const amount: Teller = (data, { t, act }) => {
  const [given, asked] = [asNumber(data.amount), asNumber(data.asked_amount)]
  if (given === undefined) return asked === undefined ? undefined : t('timeline.data.refusedAmount', { n: asked })
  if (act === 'ask_extension') return t('timeline.data.askedAmount', { n: given })
  return asked === undefined || asked === given ? t('timeline.data.amount', { n: given }) : t('timeline.data.partAmount', { n: given, asked })
}
const authority: Teller = (data, { t, act }) => {
  const name = asText(data.authority)
  return name && t(act === 'answer' ? 'timeline.data.answeredBy' : 'timeline.data.authority', { name })
}
const yesNo = (key: string): Teller => (data, { t }) => (typeof data[key] === 'boolean' ? t(`timeline.data.${key}.${data[key] ? 'yes' : 'no'}`) : undefined)
const category: Teller = (data, { t }) => {
  const [from, to] = [asText(data.category_before), asText(data.category)]
  return from && to && from !== to ? t('timeline.data.category', { from, to }) : undefined
}
const cells: Teller = (data, { t }) => {
  const [from, to] = [asText(data.from_cell), asText(data.to_cell)]
  return from && to && t('timeline.data.cell', { from, to })
}
const openParts: Teller = (data, { t }) => {
  const numbers = Array.isArray(data.open_parts) ? data.open_parts.map(String) : []
  return numbers.length ? t('timeline.data.open_parts', { numbers: numbers.join(' · ') }) : undefined
}

/** Parties that came with the report: how many, and never who. */
const parties: Teller = (data, { t }) => (Array.isArray(data.parties) ? t('timeline.data.parties', { n: data.parties.length }) : undefined)

/** What the calendar moved, before and after, whichever clock it was. */
const clock: Teller = (data, { t, language, act }) => {
  if (act !== 'clock_changed') return undefined
  const [from, to] = [when(data.due_before, language), when(data.due_at, language)]
  return from && to && t('timeline.data.clock', { from, to })
}
const basis: Teller = (data, { t }) => {
  const name = asText(data.basis)
  return name && t('timeline.data.basis', { name })
}
const due: Teller = (data, telling) => {
  if (telling.act === 'clock_changed') return undefined
  const at = when(data.due_at, telling.language)
  const key = telling.act === 'supervise' ? 'reply_by' : 'due_at'
  return at && telling.t(`timeline.data.${key}`, { at })
}

const A_WHILE = 5 * 60_000
/** A report says the phone's time always; it tells something only when it came later. */
const wasAway = (device: string, received?: string) => !received || Math.abs(Date.parse(received) - Date.parse(device)) > A_WHILE

/** Done without signal: when by the phone, and what became of it. */
const device: Teller = (data, { t, language, at: received }) => {
  const at = when(data.device_time, language)
  if (!at || !wasAway(String(data.device_time), received)) return undefined
  return t(data.clock_wrong === true ? 'timeline.data.clock_wrong' : 'timeline.data.device_time', { at })
}
const rebased: Teller = (data, { t }) => (asNumber(data.rebased_from) === undefined ? undefined : t('timeline.data.rebased_from'))
const late: Teller = (data, telling) =>
  telling.act === 'conflict' ? oneOf('reason', ['stale', 'not_now', 'not_yours', 'past_due', 'out_of_sight'])(data, telling) : undefined

const bySide: Teller = (data, { t }) => (data.by_side === true ? t('timeline.data.by_side') : undefined)

const TELLERS: readonly Teller[] = [
  ...[late, oneOf('decision', ['keep', 'take', 'both']), word('author_name'), bySide, device, rebased],
  ...[units, assignee, assistants, hop, first, category],
  oneOf('level', ['general', 'major', 'grave']),
  yesNo('passed'),
  oneOf('side', ['applicant', 'respondent', 'concerned']),
  parties,
  amount,
  moment('until'),
  authority,
  yesNo('taken_over'),
  oneOf('supervision', ['ordinary', 'yellow', 'red']),
  oneOf('outcome', ['solved', 'partly', 'unsolvable', 'not_as_reported']),
  oneOf('satisfaction', ['satisfied', 'not_satisfied', 'not_solved']),
  ...[word('into_number'), word('parent_number'), word('from_number')],
  ...[openParts, cells, clock, due, basis],
  ...[moment('take_due_at'), moment('upper_due_at'), moment('verify_due_at')],
]

/** What an event's data says, in plain words, one short sentence each. Unknown data says nothing. */
export function eventWords(event: Pick<CaseEvent, 'act' | 'data'> & { at?: string }, t: Translate, language: string, names: EventNames = NO_NAMES): string[] {
  const telling = { t, language, names, act: event.act, at: event.at }
  return TELLERS.map((tell) => tell(event.data ?? {}, telling)).filter((words): words is string => Boolean(words))
}
