import { newId } from '@/shared/newId'

import { anySaid, partyFields, type ReportedParty } from './parties'
import type { LocalFile, LocalPhoto } from './photo'
import type { Recording } from './recording'

export type Place =
  | { kind: 'point'; lon: number; lat: number; accuracy: number | null; source: 'gps' | 'pin' }
  | { kind: 'cell'; code: string; name: string }

/** What is posted to cases/. Kept word for word while its answer is unknown. */
export interface ReportPayload {
  client_id: string
  category: string
  description: string
  reported_at: string
  lon?: number
  lat?: number
  datum?: 'WGS-84'
  accuracy_m?: number
  area?: string
  self_handled?: true
  answers?: Record<string, string>
  parties?: ReportedParty[]
}

export interface ReportDraft {
  clientId: string
  description: string
  category: string | null
  place: Place | null
  photos: LocalPhoto[]
  recordings: Recording[]
  /** Solved on the spot. */
  selfHandled: boolean
  /** To the questions of the category, by their keys. */
  answers: Record<string, string>
  /** Between whom the matter is, where it is a dispute. */
  parties: ReportedParty[]
  reportedAt: string | null
  /** Payloads that were sent and whose answer never came; the server may hold any one of them. */
  unanswered: ReportPayload[]
}

export function emptyDraft(): ReportDraft {
  return {
    clientId: newId(),
    description: '',
    category: null,
    place: null,
    photos: [],
    recordings: [],
    selfHandled: false,
    answers: {},
    parties: [],
    reportedAt: null,
    unanswered: [],
  }
}

export function isWorthKeeping(draft: ReportDraft): boolean {
  return draft.description.trim() !== '' || draft.photos.length > 0 || draft.recordings?.length > 0 || draft.category !== null || draft.selfHandled || anySaid(draft.parties) || draft.unanswered.length > 0
}

/** A kept report with what somebody began to enter before it was found: nothing of either is lost. */
export function joined(kept: ReportDraft, entered: ReportDraft): ReportDraft {
  return {
    ...emptyDraft(),
    ...kept,
    description: [kept.description, entered.description].filter((words) => words.trim()).join('\n'),
    category: entered.category ?? kept.category,
    place: kept.place ?? entered.place,
    photos: [...kept.photos, ...entered.photos],
    recordings: [...(kept.recordings ?? []), ...entered.recordings],
    selfHandled: kept.selfHandled || entered.selfHandled,
    answers: { ...kept.answers, ...entered.answers },
    parties: anySaid(entered.parties) ? [...(kept.parties ?? []), ...entered.parties] : (kept.parties ?? []),
  }
}

/** A copy without Vue proxies, which IndexedDB cannot clone. */
export function plainDraft(draft: ReportDraft): ReportDraft {
  return {
    ...draft,
    place: draft.place ? { ...draft.place } : null,
    answers: { ...draft.answers },
    photos: draft.photos.map(({ clientId, blob, moment, taken }) => ({ clientId, blob, ...(moment ? { moment } : {}), ...(taken ? { taken: { ...taken } } : {}) })),
    recordings: (draft.recordings ?? []).map((recording) => ({ ...recording })),
    parties: (draft.parties ?? []).map((party) => ({ ...party })),
    unanswered: draft.unanswered.map((payload) => ({ ...payload, ...(payload.answers ? { answers: { ...payload.answers } } : {}), ...(payload.parties ? { parties: payload.parties.map((party) => ({ ...party })) } : {}) })),
  }
}

const roundedDegrees = (value: number) => Math.round(value * 1e6) / 1e6

/** Everything beside the words, in the order in which it is sent. */
export function filesOf(draft: ReportDraft): LocalFile[] {
  const photos = draft.photos.map((photo) => ({ ...photo, kind: 'photo' as const }))
  return [...photos, ...(draft.recordings ?? []).map(({ clientId, blob }) => ({ clientId, blob, kind: 'audio' as const }))]
}

/** `wordless` is said for whoever let a photo or their voice speak. */
export function toPayload(draft: ReportDraft, wordless = ''): ReportPayload {
  return {
    client_id: draft.clientId,
    category: draft.category ?? '',
    description: draft.description.trim() || (filesOf(draft).length ? wordless : ''),
    reported_at: draft.reportedAt ?? new Date().toISOString(),
    ...placeFields(draft.place),
    ...(draft.selfHandled ? { self_handled: true as const } : {}),
    ...answerFields(draft.answers),
    ...partyFields(draft.category, draft.parties),
  }
}

/** Left out while nothing is answered: the server then takes the report as it is. */
function answerFields(answers: Record<string, string>): Partial<ReportPayload> {
  const said = Object.entries(answers).filter(([, value]) => value.trim() !== '')
  return said.length ? { answers: Object.fromEntries(said) } : {}
}

function placeFields(place: Place | null): Partial<ReportPayload> {
  if (!place) return {}
  if (place.kind === 'cell') return { area: place.code }
  const point = { lon: roundedDegrees(place.lon), lat: roundedDegrees(place.lat), datum: 'WGS-84' as const }
  return place.accuracy === null ? point : { ...point, accuracy_m: Math.round(place.accuracy) }
}

export function samePayload(one: ReportPayload, other: ReportPayload): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof ReportPayload>
  return [...keys].every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]))
}
