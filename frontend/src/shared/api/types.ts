// The names the apps use for the generated types. Only what JSON Schema cannot say is said here: GeoJSON shapes,
// pairs of numbers, and states that arrive as plain strings.
import type { Geometry } from 'geojson'

import type { components } from './schema'

type Schemas = components['schemas']
type Narrow<Wide, Fields> = Omit<Wide, keyof Fields> & Fields

export type Language = Schemas['LanguageEnum']
export type CaseState = Schemas['StateEnum']
export type Light = Schemas['LightEnum']
export type Datum = Schemas['DatumEnum']
export type FieldType = Schemas['ActField']['type']

export type Person = Schemas['Named']
export type CodeName = Schemas['AreaRef']
export type AreaRef = Schemas['AreaLevel']
export interface Listing<Row> {
  results: Row[]
}
export interface Page<Row> extends Listing<Row> {
  next: string | null
  previous: string | null
}

export type Post = Schemas['Post']
export type Can = Schemas['Can']
export type Me = Schemas['Me']
export type Session = Narrow<Schemas['Session'], { language: Language }>
export type DemoSignIn = Schemas['DemoSignIn']

export type Category = Schemas['Category']
export type Area = Narrow<Schemas['Area'], { centroid: [number, number] | null; geometry: Geometry | null }>
export type Located = Schemas['Located']
export type Water = Narrow<Schemas['Water'], { geometry: Geometry }>
export type Organisation = Schemas['MemberOrganisation']
export type PatrolArea = Schemas['PatrolArea']
export type PatrolInput = Schemas['PatrolInput']
export type PatrolPoints = Schemas['PointsInput']
export type PatrolTick = Schemas['TickInput']

export type CaseRow = Schemas['CaseRow']
export type Done = Schemas['Done']
export type SavedView = Schemas['SavedView']
export type ReplyText = Schemas['ReplyText']
export type CaseRoute = Schemas['Route']
export type Question = Schemas['Question']
export type Similar = Schemas['Similar']
export type Related = Schemas['Related']
export type Parties = Schemas['Parties']
export type PartyInput = Schemas['PartyInput']
export type PartyLook = Schemas['Look']
export type WholeParty = Schemas['WholeParty']
export type Conflict = Schemas['Conflict']
export type Conflicts = Schemas['Conflicts']
export type Export = Schemas['Export']
export type WorkCalendar = Schemas['Calendar']
export type CaseDetail = Schemas['CaseDetail']
interface Bundle {
  case: CaseDetail
  events: CaseEvent[]
  then: Record<string, Act[]>
}
export type Held = Omit<Schemas['Held'], 'first'> & { first?: Bundle[] }
export type KeptAct = Schemas['KeptAct']
export type Bundles = Narrow<Schemas['Bundles'], { results: Bundle[] }>
export type CaseFile = Schemas['File']
export type ActField = Narrow<Schemas['ActField'], { choices?: Schemas['Choice'][] | null }>
export type Act = Narrow<Schemas['Act'], { fields: ActField[] }>
export type CaseEvent = Narrow<Schemas['Event'], { from_state: CaseState | null; to_state: CaseState }>
export type DeadlineDay = Schemas['DayNote']
export type Clock = Schemas['Clock']
export type NewCase = Partial<Schemas['Report']> & Pick<Schemas['Report'], 'client_id' | 'category' | 'description'>

export type Count = Schemas['Count']
export type Counts = Schemas['Counts']
export type Summary = Schemas['Summary']
export type Figure = Schemas['RatePair']
export type FigureName = keyof Schemas['Formulas']
export type ReportRow = Schemas['FiguresRow']
export type WeeklyReport = Schemas['Weekly']
export type MailRow = Schemas['MailRow']
export type Mail = Schemas['Mail']
