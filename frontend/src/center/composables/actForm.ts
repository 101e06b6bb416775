import type { ActField } from '@/shared/api/types'
import { fromShanghai } from '@/shared/time'

export type Value = string | number | boolean | number[] | null
export type Values = Record<string, Value>

const TYPED: readonly string[] = ['text', 'line']

function emptyOf(field: ActField): Value {
  if (field.type === 'organisations') return []
  return TYPED.includes(field.type) ? '' : null
}

/** Empty values for the fields of an act: nothing is chosen on the person's behalf. */
export function emptyValues(fields: readonly ActField[]): Values {
  return Object.fromEntries(fields.map((field) => [field.name, emptyOf(field)]))
}

function sent(field: ActField, value: Value): Value {
  if (field.type === 'datetime' && typeof value === 'string') return fromShanghai(value)
  return typeof value === 'string' ? value.trim() : value
}

const isEmpty = (value: Value) => value === null || value === '' || (Array.isArray(value) && !value.length)

/** What goes over the wire: optional fields left empty are left out, times typed in Shanghai become UTC. */
export function payloadOf(fields: readonly ActField[], values: Values): Values {
  const filled = fields.map((field) => [field.name, sent(field, values[field.name] ?? null)] as const)
  return Object.fromEntries(filled.filter(([, value]) => !isEmpty(value)))
}

export function missingFields(fields: readonly ActField[], values: Values): string[] {
  const payload = payloadOf(fields, values)
  return fields.filter((field) => field.required && !(field.name in payload)).map((field) => field.name)
}

/** One more value; what depended on the unit that leads is taken back when another leads. */
export function withValue(values: Values, name: string, value: Value): Values {
  const changed: Values = { ...values, [name]: value }
  if (name !== 'organisation') return changed
  if ('assignee' in values) changed.assignee = null
  if (Array.isArray(values.assistants)) changed.assistants = values.assistants.filter((id) => id !== value)
  return changed
}

/** The unit a person is chosen from, and that cannot assist itself: the one chosen here, else the one that leads. */
export function unitOf(fields: readonly ActField[], values: Values, lead: number | null): number | null {
  if (!fields.some((field) => field.type === 'organisation')) return lead
  return typeof values.organisation === 'number' ? values.organisation : null
}
