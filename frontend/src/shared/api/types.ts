// Hand-typed to the agreed contract until the generated schema.d.ts exists; then this file re-exports from it.
import type { Geometry } from 'geojson'

export type Language = 'zh-hans' | 'en'
export type CaseState =
  | 'reported' | 'accepted' | 'assigned' | 'processing' | 'awaiting_verify' | 'verified'
  | 'suspended' | 'closed' | 'rejected' | 'merged' | 'cancelled'
export type Light = 'green' | 'yellow' | 'red' | 'dark_red' | 'none'
export type Datum = 'WGS-84' | 'GCJ-02' | 'BD-09' | 'CGCS2000'

export interface Person { id: number; name: string }
export interface CodeName { code: string; name: string }
export interface AreaRef extends CodeName { level: string }
export interface Page<Row> { results: Row[]; next: string | null; previous: string | null }
export interface Listing<Row> { results: Row[] }

export interface Post {
  role: string
  role_name: string
  area: AreaRef
  organisation: Person | null
}
export interface Can {
  report: boolean
  queue: boolean
  map: boolean
  weekly: boolean
  mailbox: boolean
  admin: boolean
}
export interface Me {
  id: number
  username: string
  display_name: string
  language: Language
  roles: string[]
  posts: Post[]
  can: Can
}
export interface Session { signed_in: boolean; demo: boolean; language: Language; user: Me | null }
export interface DemoSignIn {
  username: string
  password: string
  role: string
  role_name: string
  area: string
  area_name: string
  display_name: string
}

export interface Category {
  code: string
  name: string
  name_zh: string
  name_en: string
  parent: string | null
  emergency: boolean
}
export interface Area {
  id: number
  code: string
  name: string
  level: string
  parent: string | null
  kind: string
  synthetic: boolean
  centroid: [number, number] | null
  geometry: Geometry | null
}
export interface Located { area: AreaRef; village: CodeName; town: CodeName; approximate: boolean }
export interface Water { id: number; name: string; kind: string; geometry: Geometry }
export interface Organisation {
  id: number
  name: string
  kind: string
  area: CodeName
  handles: string
  members: Person[]
}

export interface CaseRow {
  id: number
  number: string
  state: CaseState
  state_name: string
  category: CodeName
  area: CodeName
  village: CodeName | null
  description: string
  lon: number | null
  lat: number | null
  reported_at: string
  due_at: string | null
  due_stage: string | null
  overdue: boolean
  light: Light
  lead_org: Person | null
  assignee: Person | null
  version: number
  rework_count: number
  hop_count: number
  emergency: boolean
}
export interface CaseFile {
  id: number
  client_id: string
  caption: string
  content_type: string
  size: number
  width: number | null
  height: number | null
  sha256: string
  url: string
  thumbnail_url: string
  uploaded_at: string
  by: Person
}
export type FieldType = 'text' | 'organisation' | 'user' | 'datetime' | 'date' | 'choice' | 'boolean' | 'case' | 'category'
export interface ActField {
  name: string
  type: FieldType
  label: string
  required: boolean
  choices?: { value: string; label: string }[]
}
export interface Act { act: string; name: string; primary: boolean; fields: ActField[] }
export interface CaseDetail extends CaseRow {
  client_id: string
  town: CodeName | null
  accuracy_m: number | null
  datum_in: string
  received_at: string
  reporter: Person
  accepted_at: string | null
  assigned_at: string | null
  acknowledged_at: string | null
  feedback_at: string | null
  verified_at: string | null
  closed_at: string | null
  outcome: string | null
  outcome_name: string | null
  merged_into: { id: number; number: string } | null
  suspended_until: string | null
  files: CaseFile[]
  acts: Act[]
}
export interface CaseEvent {
  seq: number
  act: string
  act_name: string
  from_state: CaseState | null
  to_state: CaseState | null
  to_state_name: string | null
  actor: Person | null
  at: string
  text: string
  data: Record<string, unknown>
  hash: string
}
export interface DeadlineDay { date: string; counted: boolean; reason: string; reason_name: string }
export interface Clock {
  stage: string
  stage_name: string
  started_at: string
  due_at: string | null
  done_at: string | null
  limit_days: number
  basis: string
  days: DeadlineDay[]
}
export interface NewCase {
  client_id: string
  category: string
  description: string
  lon?: number
  lat?: number
  datum?: Datum
  accuracy_m?: number
  area?: string
  reported_at?: string
}

export interface Count { code: string; open: number; overdue: number }
export interface Counts { results: Count[]; as_of: string }
export interface Summary {
  open: number
  overdue: number
  due_today: number
  due_soon: number
  reported_week: number
  closed_week: number
  as_of: string
}
export interface Figure { value: number | null; previous: number | null }
export type FigureName = 'reported' | 'closed' | 'closure_rate' | 'on_time_rate' | 'overdue_now'
export interface ReportRow extends CodeName {
  reported: number
  closed: number
  overdue_now: number
  closure_rate?: number | null
  on_time_rate?: number | null
}
export interface WeeklyReport {
  week: string
  area: CodeName
  from: string
  to: string
  frozen: boolean
  totals: Record<FigureName, Figure>
  by_village: ReportRow[]
  by_category: ReportRow[]
  formulas: Record<string, string>
}
export interface MailRow { id: string; to: string; subject: string; at: string }
export interface Mail extends MailRow { text: string; html: string }
