import type { ActField } from '@/shared/api/types'
import { fromShanghai } from '@/shared/time'

export type Value = string | number | boolean | null
export type Values = Record<string, Value>

/** Empty values for the fields of an act: nothing is chosen on the person's behalf. */
export function emptyValues(fields: readonly ActField[]): Values {
  return Object.fromEntries(fields.map((field) => [field.name, field.type === 'text' ? '' : null]))
}

function sent(field: ActField, value: Value): Value {
  if (field.type === 'datetime' && typeof value === 'string') return fromShanghai(value)
  return typeof value === 'string' ? value.trim() : value
}

/** What goes over the wire: optional fields left empty are left out, times typed in Shanghai become UTC. */
export function payloadOf(fields: readonly ActField[], values: Values): Values {
  const filled = fields.map((field) => [field.name, sent(field, values[field.name] ?? null)] as const)
  return Object.fromEntries(filled.filter(([, value]) => value !== null && value !== ''))
}

export function missingFields(fields: readonly ActField[], values: Values): string[] {
  const payload = payloadOf(fields, values)
  return fields.filter((field) => field.required && !(field.name in payload)).map((field) => field.name)
}
