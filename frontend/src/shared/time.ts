// The town's clock is Asia/Shanghai whatever the device says: a due date must read the same on every screen.
const ZONE = 'Asia/Shanghai'
const DAY = 86_400_000

export function localeOf(language: string): string {
  return language === 'en' ? 'en-GB' : 'zh-CN'
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one takes a cheap phone longer than drawing the row it stands in: each is made once. */
function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options })
  formats.set(key, made)
  return made
}

function format(iso: string, language: string, options: Intl.DateTimeFormatOptions): string {
  return formatOf(localeOf(language), options).format(new Date(iso))
}

export function dateTime(iso: string, language: string): string {
  return format(iso, language, { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
}

export function shortDateTime(iso: string, language: string): string {
  return format(iso, language, { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
}

export function timeOnly(iso: string, language: string): string {
  return format(iso, language, { hour: '2-digit', minute: '2-digit', hour12: false })
}

export function dateOnly(iso: string, language: string): string {
  return format(iso, language, { year: 'numeric', month: '2-digit', day: '2-digit' })
}

export function weekday(iso: string, language: string): string {
  return format(iso, language, { weekday: 'short' })
}

/** The calendar day in Shanghai as YYYY-MM-DD. */
export function shanghaiDay(moment: Date): string {
  return formatOf('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(moment)
}

/** Whole calendar days in Shanghai from `now` to `iso`: 0 today, 1 tomorrow, negative when past. */
export function daysUntil(iso: string, now: Date = new Date()): number {
  return Math.round((Date.parse(shanghaiDay(new Date(iso))) - Date.parse(shanghaiDay(now))) / DAY)
}

/** ISO week of a day in Shanghai, e.g. "2026-W47". */
export function isoWeek(moment: Date): string {
  const day = new Date(Date.parse(shanghaiDay(moment)))
  // Thursday decides the year an ISO week belongs to.
  const thursday = new Date(day.getTime() + (3 - ((day.getUTCDay() + 6) % 7)) * DAY)
  const year = thursday.getUTCFullYear()
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY))
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** A wall-clock date and time typed by a person in Shanghai ("2026-11-23T18:00") as UTC ISO. */
export function fromShanghai(local: string): string {
  return new Date(`${local.length === 16 ? `${local}:00` : local}+08:00`).toISOString()
}
