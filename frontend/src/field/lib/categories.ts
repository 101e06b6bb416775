import type { Category } from '@/shared/api/types'

/** At most so many rows answer a search; more would be a list to scroll again. */
const MOST_FOUND = 8
const MOST_PROPOSED = 3

const plain = (text: string) => text.toLowerCase().replace(/\s+/g, '')
// What the phone kept from an older version of the server has neither.
const initialsOf = (row: Category) => row.initials ?? ''
const keywordsOf = (row: Category) => row.keywords ?? []

/** Rows that can be chosen: those with nothing below them. */
export function leavesOf(rows: Category[]): Category[] {
  const parents = new Set(rows.map((row) => row.parent))
  return rows.filter((row) => !parents.has(row.code))
}

/** How well one row answers what was typed: 0 is not at all. */
function fit(row: Category, typed: string): number {
  const names = [row.name, row.name_zh, row.name_en].map(plain)
  if (names.some((name) => name.startsWith(typed))) return 5
  if (initialsOf(row).startsWith(typed)) return 4
  if (names.some((name) => name.includes(typed))) return 3
  if (keywordsOf(row).some((word) => plain(word).includes(typed))) return 2
  return typed.length > 1 && initialsOf(row).includes(typed) ? 1 : 0
}

/** Categories by Chinese or English words or by pinyin initials (`ljdf`); what is below a found first level comes after. */
export function findCategories(rows: Category[], typed: string): Category[] {
  const wanted = plain(typed)
  if (!wanted) return []
  const above = new Map(rows.map((row) => [row.code, row]))
  const rank = (row: Category) => {
    const parent = row.parent ? above.get(row.parent) : undefined
    return fit(row, wanted) || (parent && fit(parent, wanted) ? 0.5 : 0)
  }
  return best(leavesOf(rows), rank, MOST_FOUND)
}

/** Whether the words hold the keyword. English ones are whole words: “fire” is not in “firework”. */
function holds(words: string, keyword: string): boolean {
  if (!/^[\x20-\x7e]+$/.test(keyword)) return words.includes(keyword)
  return new RegExp(`(^|[^a-z0-9])${keyword.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}s?($|[^a-z0-9])`).test(words)
}

/** Which categories the words of a report speak of: by the keywords of each and its name, the surest first. */
export function proposeCategories(rows: Category[], words: string): Category[] {
  const said = words.toLowerCase()
  if (!said.trim()) return []
  const weight = (row: Category) => {
    const terms = new Set([...keywordsOf(row), ...row.name_zh.split(/[/、]/), row.name_en].map((term) => term.toLowerCase()))
    const heard = [...terms].filter((term) => term && term !== 'other' && term !== '其他' && holds(said, term))
    const sure = heard.reduce((sum, term) => sum + Math.min(term.length, 4), 0)
    // What cannot wait comes first, however much else is said.
    return sure && sure + (row.emergency ? 1000 : 0)
  }
  return best(leavesOf(rows), weight, MOST_PROPOSED)
}

function best(rows: Category[], weigh: (row: Category) => number, most: number): Category[] {
  return rows
    .map((row) => ({ row, weight: weigh(row) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map(({ row }) => row)
}
