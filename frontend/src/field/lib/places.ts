import type { CodeName } from '@/shared/api/types'

/** Village and cell in one line; cell names often begin with the village already. */
export function cellOf(row: { area: CodeName; village: CodeName | null }): string {
  const village = row.village?.name
  return !village || row.area.name.includes(village) ? row.area.name : `${village} · ${row.area.name}`
}
