import type { Figure, FigureName } from '@/shared/api/types'

export function isRate(name: FigureName): boolean {
  return name.endsWith('_rate')
}

/** A rate comes as a fraction of one; nothing to divide by is a dash, never a zero. */
export function figureText(value: number | null | undefined, rate: boolean): string {
  if (value === null || value === undefined) return '–'
  return rate ? `${(value * 100).toFixed(1)}%` : String(value)
}

// More reports are neither good nor bad news, and so are more closures by themselves: those stay uncoloured.
const BETTER: Record<FigureName, 'up' | 'down' | null> = {
  reported: null,
  closed: null,
  closure_rate: 'up',
  on_time_rate: 'up',
  overdue_now: 'down',
}

export function changeOf(name: FigureName, figure: Figure): { text: string; good: boolean | null } | null {
  if (figure.value === null || figure.previous === null) return null
  const difference = figure.value - figure.previous
  const amount = isRate(name) ? (Math.abs(difference) * 100).toFixed(1) : String(Math.abs(difference))
  if (Number(amount) === 0) return null
  const better = BETTER[name]
  return { text: `${difference > 0 ? '▲' : '▼'} ${amount}`, good: better && (better === 'up') === difference > 0 }
}

const BACK_TO = 26

/** The last half year of weeks, newest first, from an ISO week such as "2026-W47". */
export function weeksBack(from: string, count = BACK_TO): string[] {
  const [year, week] = from.split('-W').map(Number) as [number, number]
  const monday = mondayOf(year, week)
  return Array.from({ length: count }, (_, index) => weekOf(new Date(monday.getTime() - index * 7 * 86_400_000)))
}

function mondayOf(year: number, week: number): Date {
  // 4 January is always in week 1.
  const fourth = new Date(Date.UTC(year, 0, 4))
  const firstMonday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * 86_400_000
  return new Date(firstMonday + (week - 1) * 7 * 86_400_000)
}

function weekOf(monday: Date): string {
  const thursday = new Date(monday.getTime() + 3 * 86_400_000)
  const year = thursday.getUTCFullYear()
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000))
  return `${year}-W${String(week).padStart(2, '0')}`
}
