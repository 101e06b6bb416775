import type { Chance } from './chance'
import type { Line } from './net'

interface Seen {
  version: number
  state: string
}

export interface Hands {
  unit: number
  handlers: number[]
}

const DAY = 86_400_000
type Table = Record<string, string[]>

/** What is likely next at the center, by the state of the case. */
export const CENTER: Table = {
  reported: ['accept', 'accept', 'accept', 'accept', 'reject'],
  accepted: ['assign', 'assign', 'assign', 'assign', 'escalate'],
  assigned: ['reassign', 'assign', 'comment'],
  processing: ['suspend', 'reassign', 'assign', 'comment'],
  suspended: ['resume', 'resume', 'comment'],
  escalated: ['answer'],
  awaiting_verify: ['verify', 'verify_not', 'comment'],
  verified: ['close', 'close', 'verify_not'],
  closed: ['reopen', 'archive'],
}
/** And at another desk of the unit. */
export const UNIT: Table = { assigned: ['acknowledge', 'acknowledge', 'return'], processing: ['feedback'] }

export class Desk {
  readonly did: string[] = []

  constructor(
    private readonly line: Line,
    private readonly table: Table,
    private readonly hands: Hands,
    private readonly chance: Chance,
  ) {}

  async step(caseId: number): Promise<void> {
    const seen = await this.ask<Seen>(`/api/v1/cases/${caseId}/`)
    const name = seen && this.chance.one(this.table[seen.state] ?? [])
    if (name) await this.act(caseId, seen.version, name)
  }

  private async act(caseId: number, version: number, name: string): Promise<void> {
    const act = name === 'verify_not' ? 'verify' : name
    const body = JSON.stringify({ version, client_id: this.chance.id(), ...this.given(name) })
    const answer = await this.ask(`/api/v1/cases/${caseId}/acts/${act}/`, { method: 'POST', body })
    // Somebody else may have been quicker: no matter.
    if (answer) this.did.push(act)
  }

  private given(name: string): Record<string, unknown> {
    const handler = this.chance.one(this.hands.handlers)
    const given: Record<string, Record<string, unknown>> = {
      assign: { organisation: this.hands.unit, text: '请办理', ...(this.chance.often(0.5) ? { assignee: handler } : {}) },
      reassign: { assignee: handler, text: '换人办理' },
      suspend: { until: new Date(Date.now() + 10 * DAY).toISOString().slice(0, 10), text: '等批复' },
      close: { outcome: 'solved' },
      verify: { passed: true },
      verify_not: { passed: false, text: '中心复看没有做完' },
      answer: { taken_over: false, text: '区里答复，由镇里办' },
      escalate: { authority: '区城管局', text: '已试过两次' },
    }
    return given[name] ?? { text: '中心的话' }
  }

  private async ask<Answer>(path: string, options: RequestInit = {}): Promise<Answer | null> {
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': 'phones'.padEnd(32, '0') }
    const answer = await this.line.fetch(path, { ...options, headers })
    return answer.ok ? ((await answer.json()) as Answer) : null
  }
}
