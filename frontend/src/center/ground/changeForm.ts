// One act on the ground as a form: what is typed and drawn, what goes over the wire, and what is still missing.
import { shanghaiDay } from '@/shared/time'

import type { ActName, CellKind, ChangeBody } from './contract'
import { type Draft, type DraftShape, emptyDraft, lineOf, outlineOf } from './drawing'

export interface ChangeForm {
  act: ActName
  /** The village the act is about; of a drawn cell the one it will lie in. */
  village: string
  cells: string[]
  draft: Draft
  on: string
  reason: string
  name: string
  kind: CellKind
  keep: string
  postsFollow: boolean
  /** Redrawing: neighbours give way to the new outline and take what it leaves. */
  neighboursAdapt: boolean
}
export type FormField = 'cells' | 'geometry' | 'line' | 'on' | 'reason' | 'name' | 'kind' | 'keep' | 'village'

/** What is drawn for an act; merging and retiring need no drawing. */
export const SHAPE_OF: Record<ActName, DraftShape | null> = { draw: 'area', redraw: 'area', split: 'line', merge: null, retire: null }
const LEAST_CELLS: Record<ActName, number> = { draw: 0, redraw: 1, split: 1, merge: 2, retire: 1 }

export function newForm(act: ActName, area: { code: string }, today = shanghaiDay(new Date())): ChangeForm {
  const isCell = area.code.length === 15
  return {
    act,
    village: area.code.slice(0, 12),
    cells: isCell && act !== 'draw' ? [area.code] : [],
    draft: emptyDraft(SHAPE_OF[act] ?? 'area'),
    on: today,
    reason: '',
    name: '',
    kind: 'general',
    keep: isCell ? area.code : '',
    postsFollow: true,
    neighboursAdapt: false,
  }
}

type Part = Partial<ChangeBody>

/** What each act says beyond what all of them say. */
const OWN: Record<ActName, (form: ChangeForm, name: string) => Part> = {
  draw: (form, name) => ({ village: form.village, geometry: outlineOf(form.draft), name, kind: form.kind }),
  redraw: (form) => ({ geometry: outlineOf(form.draft), neighbours_adapt: form.neighboursAdapt }),
  split: (form, name) => ({ line: lineOf(form.draft), names: name ? [name] : [] }),
  merge: (form, name) => ({ keep: form.keep || null, name }),
  retire: () => ({}),
}
const NOTHING = { village: '', geometry: null, line: null, keep: null, name: '', kind: 'general', names: [], neighbours_adapt: false } satisfies Part

export function bodyOf(form: ChangeForm, today = shanghaiDay(new Date())): ChangeBody {
  return {
    ...NOTHING,
    act: form.act,
    cells: form.cells,
    // Today means at once, not this morning.
    on: form.on && form.on !== today ? form.on : null,
    reason: form.reason.trim(),
    posts_follow: form.postsFollow,
    ...OWN[form.act](form, form.name.trim()),
  }
}

/** Message keys of what has to be filled in before the server is asked. */
export function missingIn(form: ChangeForm): Partial<Record<FormField, string>> {
  const missing: Partial<Record<FormField, string>> = {}
  const body = bodyOf(form)
  if (form.cells.length < LEAST_CELLS[form.act]) missing.cells = form.act === 'merge' ? 'ground.change.missing.cells' : 'ground.change.missing.cell'
  if (SHAPE_OF[form.act] === 'line' && !body.line) missing.line = 'ground.change.missing.line'
  if (SHAPE_OF[form.act] === 'area' && !body.geometry) missing.geometry = 'ground.change.missing.area'
  if (!body.reason) missing.reason = 'ground.change.missing.reason'
  return missing
}

/** A cell is put among the merged ones or taken out; the code that stays must be one of them. */
export function toggleCell(form: ChangeForm, code: string): ChangeForm {
  const cells = form.cells.includes(code) ? form.cells.filter((one) => one !== code) : [...form.cells, code]
  return { ...form, cells, keep: cells.includes(form.keep) ? form.keep : (cells[0] ?? '') }
}
