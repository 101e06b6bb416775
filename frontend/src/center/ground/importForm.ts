// The form of an import, and what a job's state means for the page.
import type { ImportJob, ImportState } from './contract'

export interface ImportForm {
  kind: ImportJob['kind']
  validFrom: string
  crs: string
  level: string
  codeField: string
  nameField: string
  encoding: string
  reason: string
}
export const LEVELS = ['cell', 'village', 'town', 'district', 'any'] as const
export const ENCODINGS = ['auto', 'utf-8', 'gbk'] as const
export const COUNTS = ['created', 'renamed', 'ended', 'drawn', 'redrawn', 'unchanged'] as const
/** Fields of the server's answer, each beside its input. */
export const IMPORT_FIELDS = ['file', 'kind', 'valid_from', 'crs', 'level', 'code_field', 'name_field', 'encoding', 'reason'] as const
export type ImportField = (typeof IMPORT_FIELDS)[number]

export function emptyImport(): ImportForm {
  return { kind: 'boundaries', validFrom: '', crs: '', level: 'cell', codeField: 'code', nameField: 'name', encoding: 'auto', reason: '' }
}

/** What goes over the wire beside the file; a list of divisions has neither coordinates nor columns to name. */
export function importFields(form: ImportForm): Record<string, string> {
  const both = { kind: form.kind, encoding: form.encoding, ...(form.validFrom ? { valid_from: form.validFrom } : {}) }
  if (form.kind === 'divisions') return both
  return { ...both, crs: form.crs, level: form.level, code_field: form.codeField.trim(), name_field: form.nameField.trim(), reason: form.reason.trim() }
}

/** Message keys of what has to be given before the file is sent: it may be large. */
export function missingForImport(form: ImportForm, file: File | null): Partial<Record<ImportField, string>> {
  const missing: Partial<Record<ImportField, string>> = {}
  if (!file) missing.file = 'ground.import.missing.file'
  if (form.kind === 'boundaries') {
    if (!form.crs) missing.crs = 'ground.import.missing.crs'
    if (!form.reason.trim()) missing.reason = 'ground.import.missing.reason'
  }
  return missing
}

const RUNNING: readonly ImportState[] = ['waiting', 'checking', 'applying']
export function isRunning(job: Pick<ImportJob, 'state'>): boolean {
  return RUNNING.includes(job.state)
}

/** Only what was checked and is clean may be applied. */
export function mayApply(job: Pick<ImportJob, 'state' | 'problem_count'>): boolean {
  return job.state === 'checked' && job.problem_count === 0
}

/** 0 to 100, or null while nobody knows how much there is. */
export function percentOf(job: Pick<ImportJob, 'done' | 'total'>): number | null {
  return job.total > 0 ? Math.min(100, Math.round((job.done / job.total) * 100)) : null
}
