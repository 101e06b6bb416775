export type Tone = 'red' | 'yellow' | 'blue' | 'plain'
export interface Mark {
  key: string
  text: string
  tone: Tone
}

type Translate = (key: string, values?: Record<string, unknown>) => string

/** What of a case is out of the ordinary. Rows tell it by code, the case page by object; anything may be left out. */
export interface Marked {
  state: string
  level?: string | null
  self_handled?: boolean
  first_responsible?: boolean
  supervision_level?: string | null
  supervision?: { level: string } | null
  asked_for?: string | null
  asked?: { for: string } | null
  conflicts?: number
}

const LEVELS: Record<string, Tone> = { major: 'yellow', grave: 'red' }
const CARDS: Record<string, Tone> = { ordinary: 'blue', yellow: 'yellow', red: 'red' }
const REQUESTS = ['extension', 'suspension']

export const supervisionTone = (level: string): Tone => CARDS[level] ?? 'blue'

const supervisionOf = (row: Marked) => row.supervision?.level ?? row.supervision_level ?? ''
const askedOf = (row: Marked) => row.asked?.for ?? row.asked_for ?? ''

export function marksOf(row: Marked, t: Translate): Mark[] {
  const level = LEVELS[row.level ?? '']
  const [supervision, asked] = [supervisionOf(row), askedOf(row)]
  const card = CARDS[supervision]
  return [
    ...(level ? [{ key: 'level', text: t(`mark.level.${row.level}`), tone: level }] : []),
    ...(row.conflicts ? [{ key: 'conflict', text: t('mark.conflict'), tone: 'yellow' as const }] : []),
    ...(card ? [{ key: 'supervision', text: t(`mark.supervision.${supervision}`), tone: card }] : []),
    ...(REQUESTS.includes(asked) ? [{ key: 'asked', text: t(`mark.asked.${asked}`), tone: 'blue' as const }] : []),
    ...(row.first_responsible ? [{ key: 'first', text: t('mark.first'), tone: 'plain' as const }] : []),
    ...(row.self_handled ? [{ key: 'selfHandled', text: t('mark.selfHandled'), tone: 'plain' as const }] : []),
  ]
}
