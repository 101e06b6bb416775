import type { CaseDetail, CaseEvent } from '@/shared/api/types'
import { supervisionTone, type Tone } from '@/shared/caseMarks'
import { dateOnly, dateTime } from '@/shared/time'

type Translate = (key: string, values?: Record<string, unknown>) => string

export interface Choice {
  act: string
  label: string
  primary: boolean
  /** What the form starts with: the amount or the day that was asked for, and the words that came with it. */
  known: Record<string, string | number>
}
/** What matters about a case right now, as one short note. */
export interface Note {
  key: string
  tone: Tone
  title: string
  /** Somebody's own words that belong to it. */
  words: string
  /** A day or a state of affairs in one line. */
  line: string
  late: boolean
  choices: Choice[]
}

interface Telling {
  row: CaseDetail
  events: readonly CaseEvent[]
  t: Translate
  language: string
  now: Date
}
type Teller = (telling: Telling) => Partial<Note> | null

const lastOf = (events: readonly CaseEvent[], act: string) => [...events].reverse().find((event) => event.act === act)
const wordsOf = (events: readonly CaseEvent[], act: string) => lastOf(events, act)?.text ?? ''

/** What the center wants to know from the reporter, in its words; null when nothing is wanted. */
export function wantedWords(state: string, events: readonly CaseEvent[]): string | null {
  return state === 'draft' ? wordsOf(events, 'return_for_info') : null
}

const wanted: Teller = ({ row, events, t }) => {
  const words = wantedWords(row.state, events)
  return words === null ? null : { key: 'wanted', tone: 'red', title: t('standing.wanted'), words }
}

function decision(telling: Telling, yes: string, no: string, known: Choice['known']): Choice[] {
  const { t } = telling
  return [
    { act: yes, label: t('standing.agree'), primary: true, known },
    { act: no, label: t('standing.refuse'), primary: false, known: {} },
  ]
}

const askedLonger: Teller = (telling) => {
  const { row, events, t } = telling
  const amount = row.asked?.amount ?? null
  const known: Choice['known'] = amount === null ? {} : { amount }
  return {
    title: t('standing.askedExtension', { unit: row.lead_org?.name ?? '' }),
    words: wordsOf(events, 'ask_extension'),
    line: amount === null ? '' : t('standing.amount', { n: amount }),
    choices: decision(telling, 'extend', 'refuse_extension', known),
  }
}
const askedPause: Teller = (telling) => {
  const { row, events, t, language } = telling
  const until = row.asked?.until ?? ''
  const words = wordsOf(events, 'ask_suspension')
  return {
    title: t('standing.askedSuspension', { unit: row.lead_org?.name ?? '' }),
    words,
    line: until && t('standing.until', { at: dateOnly(until, language) }),
    choices: decision(telling, 'suspend', 'refuse_suspension', { until, text: words }),
  }
}
const asked: Teller = (telling) => {
  const what = telling.row.asked?.for
  if (!what) return null
  return { key: 'asked', tone: 'blue', ...(what === 'extension' ? askedLonger : askedPause)(telling) }
}

/** A day by which something is wanted, and whether it has passed. */
function by(telling: Telling, at: string | null, key: string): Pick<Note, 'line' | 'late'> {
  if (!at) return { line: '', late: false }
  const late = Date.parse(at) < telling.now.getTime()
  return { line: telling.t(late ? 'standing.late' : key, { at: dateTime(at, telling.language) }), late }
}

const supervision: Teller = (telling) => {
  const { row, events, t, language } = telling
  const card = row.supervision
  if (!card) return null
  const reply = { act: 'supervision_reply', label: t('standing.reply'), primary: true, known: {} }
  const due = card.replied_at ? { line: t('standing.replied', { at: dateTime(card.replied_at, language) }), late: false } : by(telling, card.due_at, 'standing.replyBy')
  return {
    key: 'supervision',
    tone: supervisionTone(card.level),
    title: t('standing.supervision', { level: card.level_name, name: card.by.name }),
    words: wordsOf(events, 'supervise'),
    choices: card.replied_at ? [] : [reply],
    ...due,
  }
}

const first: Teller = ({ row, t }) =>
  row.first_responsible && row.lead_org ? { key: 'first', tone: 'plain', title: t('standing.first', { unit: row.lead_org.name }), line: t('standing.firstLine') } : null

const authority: Teller = ({ row, t }) =>
  row.authority && (row.state === 'escalated' || row.state === 'transferred')
    ? { key: 'authority', tone: 'plain', title: t(`standing.${row.state}`, { name: row.authority }) }
    : null

const take: Teller = (telling) => {
  const { row, t } = telling
  if (row.state !== 'assigned' || !row.take_due_at) return null
  const due = by(telling, row.take_due_at, 'standing.by')
  return { key: 'take', tone: due.late ? 'red' : 'plain', title: t('standing.take'), ...due }
}
const archive: Teller = (telling) => {
  const { row, t } = telling
  if (row.state !== 'closed' || !row.archive_due_at) return null
  const due = by(telling, row.archive_due_at, 'standing.by')
  return { key: 'archive', tone: due.late ? 'red' : 'plain', title: t('standing.archive'), ...due }
}

const TELLERS = [wanted, asked, supervision, take, first, authority, archive]
const EMPTY: Omit<Note, 'key'> = { tone: 'plain', title: '', words: '', line: '', late: false, choices: [] }

/** The notes of a case, the most pressing first. A choice is offered only to those whose act it is. */
export function standingOf(row: CaseDetail, events: readonly CaseEvent[], t: Translate, language: string, now: Date = new Date()): Note[] {
  const telling = { row, events, t, language, now }
  const mine = new Set<string>(row.acts.map((one) => one.act))
  return TELLERS.map((tell) => tell(telling))
    .filter((note) => note !== null)
    .map((note) => ({ ...EMPTY, key: '', ...note, choices: (note.choices ?? []).filter((choice) => mine.has(choice.act)) }))
}
