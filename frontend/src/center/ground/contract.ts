// What the server answers about the ground. Named here once, so that the pages say "Cell on duty" and not a path into
// the generated schema; only what JSON Schema cannot say (GeoJSON shapes) is said by hand.
import type { Geometry, LineString, MultiLineString, MultiPolygon, Polygon } from 'geojson'

import type { components } from '@/shared/api/schema'

type Schemas = components['schemas']
type Narrow<Wide, Fields> = Omit<Wide, keyof Fields> & Fields

export type Outline = Polygon | MultiPolygon

export type AreaDetail = Narrow<Schemas['AreaDetail'], { geometry: Outline | null; centroid: [number, number] | null }>
export type Boundary = Schemas['Boundary']
export type BoundaryDetail = Narrow<Schemas['BoundaryDetail'], { geometry: Outline }>
export type Change = Schemas['Change']

export type ActName = Schemas['WishActEnum']
export type CellKind = Schemas['AreaKindEnum']
export type ChangeBody = Narrow<Schemas['Wish'], { geometry: Outline | null; line: LineString | null }>
export type NewOutline = Narrow<Schemas['NewOutline'], { geometry: Outline }>
export type ChangeProblem = Narrow<Schemas['Preview']['problems'][number], { geometry: Geometry | null }>
export type Gap = Narrow<Schemas['Gap'], { geometry: Geometry }>
export type Preview = Narrow<Schemas['Preview'], { after: NewOutline[]; problems: ChangeProblem[]; gaps: Gap[] }>

export type BaseMap = Schemas['BaseMap']

export type GroundPerson = Schemas['Person']
export type Responsible = Schemas['Responsible']
export type AreaPost = Schemas['AreaPost']
export type Leave = Schemas['Leave']
export type AreaPeople = Schemas['People']
export type Unattended = Schemas['Unattended']
export type Covered = Schemas['CoverageList']['results'][number]

export type PatrolArea = Narrow<Schemas['PatrolArea'], { line: LineString | MultiLineString | null }>
export type PlaceKind = Schemas['PlaceKind']
export type Place = Schemas['Place']
export type PlaceDetail = Schemas['PlaceDetail']
export type Reach = Narrow<Schemas['Reach'], { geometry: LineString | MultiLineString }>
export type Camera = Schemas['Camera']
export type CameraSummary = Schemas['CameraSummary']

export type ImportJob = Schemas['Job']
export type ImportState = Schemas['JobStateEnum']
export type Crs = Schemas['Crs']
