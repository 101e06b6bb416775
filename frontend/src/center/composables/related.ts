import type { CaseRow, Related, Similar } from '@/shared/api/types'

interface OneRelated {
  row: CaseRow
  metres: number | null
}
export interface RelatedGroup {
  key: 'parent' | 'parts' | 'merged' | 'similar'
  rows: OneRelated[]
}

const plain = (rows: readonly CaseRow[]): OneRelated[] => rows.map((row) => ({ row, metres: null }))

/** What hangs together with a case, and what may be the same; each case once, groups without any left out. */
export function relatedGroups(related: Related | null, similar: readonly Similar[]): RelatedGroup[] {
  const parent = related?.parent ? [related.parent] : []
  const [parts, merged] = [related?.parts ?? [], related?.merged ?? []]
  const known = new Set([...parent, ...parts, ...merged].map((row) => row.id))
  const others = similar.filter((one) => !known.has(one.case.id)).map((one) => ({ row: one.case, metres: one.distance_m }))
  const groups: RelatedGroup[] = [
    { key: 'parent', rows: plain(parent) },
    { key: 'parts', rows: plain(parts) },
    { key: 'merged', rows: plain(merged) },
    { key: 'similar', rows: others },
  ]
  return groups.filter((group) => group.rows.length)
}
