import { api } from '@/shared/api/client'
import type {
  Area,
  CaseDetail,
  CaseEvent,
  CaseFile,
  CaseRow,
  Bundles,
  Conflicts,
  Held,
  KeptAct,
  Category,
  DemoSignIn,
  Listing,
  Located,
  Organisation,
  Page,
  Parties,
  PatrolArea,
  PatrolInput,
  PatrolPoints,
  PatrolTick,
  Question,
  Similar,
  Water,
} from '@/shared/api/types'

import type { ReportPayload } from './lib/draft'
import { withTimeout } from './lib/timed'

const ANSWER_WITHIN = 30_000
const UPLOAD_WITHIN = 120_000

export interface CaseQuery {
  mine?: boolean
  open?: boolean
  state?: string
  ordering?: string
}

export type ActBody = { version: number; client_id: string } & Record<string, unknown>

const encoded = (lon: number, lat: number) => ({ lon, lat, datum: 'WGS-84' })
const soon = <T>(work: Promise<T>) => withTimeout(work, ANSWER_WITHIN)

/** Every call of the field app, each bounded in time. */
export const calls = {
  demoSignIns: () => soon(api.get<Listing<DemoSignIn>>('demo/sign-ins/')),
  categories: () => soon(api.get<Listing<Category>>('categories/')),
  questions: () => soon(api.get<Listing<Question>>('questions/')),
  similar: (matter: Record<string, string | number>) => soon(api.get<Listing<Similar>>('cases/similar/', matter)),
  cells: () => soon(api.get<Listing<Area>>('areas/', { level: 'cell', geometry: 1 })),
  water: () => soon(api.get<Listing<Water>>('areas/water/')),
  locate: (lon: number, lat: number) => soon(api.get<Located>('areas/locate/', encoded(lon, lat))),
  organisations: () => soon(api.get<Listing<Organisation>>('organisations/')),
  cases: (query: CaseQuery, cursor: string | null) => soon(api.get<Page<CaseRow>>('cases/', { ...query, cursor })),
  caseDetail: (id: string) => soon(api.get<CaseDetail>(`cases/${id}/`)),
  caseEvents: (id: string) => soon(api.get<Listing<CaseEvent>>(`cases/${id}/events/`)),
  conflicts: (id: number) => soon(api.get<Conflicts>(`cases/${id}/conflicts/`)),
  caseParties: (id: number) => soon(api.get<Parties>(`cases/${id}/parties/`)),
  report: (payload: ReportPayload) => soon(api.post<CaseDetail>('cases/', payload)),
  act: (id: string, act: string, body: ActBody) => soon(api.post<CaseDetail | KeptAct>(`cases/${id}/acts/${act}/`, body)),
  upload: (caseId: string, clientId: string, blob: Blob, fields: Record<string, string> = {}) =>
    withTimeout(
      api.upload<CaseFile>(`cases/${caseId}/files/`, blob, `${clientId}.${extension(blob)}`, { ...fields, client_id: clientId }),
      UPLOAD_WITHIN,
    ),
  /** `first`: also the newest cases themselves, for a phone that holds none. */
  sync: (cursor: string | null, first = false) => soon(api.get<Held>('sync/', { cursor, first: first || null })),
  patrolAreas: () => soon(api.get<Listing<PatrolArea>>('patrol-areas/')),
  startPatrol: (body: PatrolInput) => soon(api.post<unknown>('patrols/', body)),
  patrolPoints: (id: string, body: PatrolPoints) => soon(api.post<unknown>(`patrols/${id}/points/`, body)),
  patrolTick: (id: string, body: PatrolTick) => soon(api.post<unknown>(`patrols/${id}/ticks/`, body)),
  stopPatrol: (id: string, body: { stopped_at: string }) => soon(api.post<unknown>(`patrols/${id}/stop/`, body)),
  syncCases: (ids: number[]) => soon(api.get<Bundles>('sync/cases/', { ids: ids.join(',') })),
}

const EXTENSIONS: Record<string, string> = {
  'image/png': 'png',
  'image/webp': 'webp',
  'audio/webm': 'webm',
  'audio/ogg': 'ogg',
  'audio/mp4': 'm4a',
  'video/mp4': 'mp4',
}

function extension(blob: Blob): string {
  return EXTENSIONS[blob.type.split(';')[0] ?? ''] ?? 'jpg'
}
