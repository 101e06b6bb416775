import type { CaseDetail } from '@/shared/api/types'

import { calls } from '../api'

import type { OutboxItem } from './db'

/** What the server said to one thing that was sent. */
export interface Outcome {
  /** The case as it is now, where the answer tells. */
  detail?: CaseDetail
  /** It came too late and is kept for a person to decide. */
  conflict?: boolean
  reason?: string
}

export interface Kind {
  /** Others of its lane wait for it. */
  leads: boolean
  /** Bytes stand in the blobs under its id. */
  bytes: boolean
  /** Once it has arrived nothing of it stays on the phone, not even in the list of what was sent. */
  fleeting?: boolean
  /** These parts of what was said do not stay on the phone once it has arrived. */
  forgets?: string[]
  send: (item: OutboxItem, blob: Blob | null) => Promise<Outcome>
}

const kinds = new Map<string, Kind>()

/** Every kind of work goes through one outbox; what is special about it is only how it is sent. */
export function registerKind(name: string, kind: Kind): void {
  kinds.set(name, kind)
}

export function kindOf(name: string): Kind {
  const kind = kinds.get(name)
  if (!kind) throw new Error(`unknown kind ${name}`)
  return kind
}

registerKind('report', {
  leads: true,
  bytes: false,
  // Names and numbers of parties are the server's to keep.
  forgets: ['parties'],
  send: async (item) => ({ detail: await calls.report(item.body as never) }),
})

const watched = new Set<string>()

/** While `work` goes on, somebody waits before the screen for what becomes of it. */
export async function watching(id: string, work: () => Promise<unknown>): Promise<void> {
  watched.add(id)
  try {
    await work()
  } finally {
    watched.delete(id)
  }
}

/** Nobody stands before the form any more, or it was sent before without an answer. */
const wasLeft = (item: OutboxItem) => !watched.has(item.id) || item.tries > 0 || item.after !== null

registerKind('act', {
  leads: true,
  bytes: false,
  send: async (item) => {
    const { act, ...body } = item.body
    // What was left to the phone is never thrown away; whoever waits for the answer is told at once and decides.
    const kept = wasLeft(item) ? { kept: true } : {}
    const answer = await calls.act(String(item.caseId), String(act), { ...body, ...kept, client_id: item.id } as never)
    if (!('conflict' in answer)) return { detail: answer }
    return answer.conflict ? { conflict: true, reason: answer.conflict.reason_name } : {}
  },
})

registerKind('file', {
  leads: false,
  bytes: true,
  send: async (item, blob) => {
    if (!blob) throw new Error('the bytes are gone')
    await calls.upload(String(item.caseId), item.id, blob, item.body as Record<string, string>)
    return {}
  },
})
