import { computed } from 'vue'

import type { Act, CaseRow } from '@/shared/api/types'
import { useSession } from '@/shared/session'
import { wantedWords } from '@/shared/standing'

import { metresBetween, type LonLat } from '../lib/nearness'
import { fieldDatabase, type HeldCase } from '../offline/db'
import { actsAfter, waitingActs } from '../offline/doing'
import { useLive } from '../offline/live'
import { casesOf, downloadForNow } from '../offline/sync'

import { useOutbox } from './useOutbox'

export interface Matter {
  row: CaseRow
  /** What the person is to do next; its name stands on the card. */
  act: Act
  /** What was asked, if it came back for information. */
  wanted: string | null
  /** Done here and on its way. */
  pending: boolean
}

export type Order = 'urgent' | 'near'

const FAR = Number.MAX_SAFE_INTEGER
const dueOf = ({ row }: Matter) => (row.due_at ? Date.parse(row.due_at) : FAR)
const cameBack = ({ row }: Matter) => (row.state === 'draft' ? 0 : 1)

function distance(row: CaseRow, from: LonLat): number {
  return row.lon === null || row.lat === null ? FAR : metresBetween(from, { lon: row.lon, lat: row.lat })
}

/** A light that was told hours ago: what is late by now is red. */
function asOfNow(row: CaseRow): CaseRow {
  const late = row.due_at !== null && Date.parse(row.due_at) < Date.now()
  return late && !row.overdue ? { ...row, overdue: true, light: 'red' } : row
}

/** What is due from this person, from what the phone holds: it stands without signal. */
export function useToday(order: () => Order, here: () => LonLat | null) {
  const { user, language } = useSession()
  const owner = () => String(user.value?.id ?? '')
  const held = useLive<HeldCase[] | null>(owner, (database) => casesOf(database, owner()), null)
  const { items, refused } = useOutbox()
  void fieldDatabase().then(async (database) => {
    if (!database) held.value = await downloadForNow(owner(), language.value).catch(() => [])
  })

  function matterOf(one: HeldCase): Matter | null {
    const waiting = waitingActs(items.value, one.detail.client_id)
    const act = actsAfter(one, waiting).find((choice) => choice.primary)
    if (!act && !waiting.length) return null
    const shown = act ?? one.detail.acts.find((choice) => choice.act === String(waiting.at(-1)!.body.act))
    if (!shown) return null
    return { row: asOfNow(one.detail), act: shown, wanted: wantedWords(one.detail.state, one.events) || null, pending: waiting.length > 0 }
  }

  const matters = computed(() => {
    const from = order() === 'near' ? here() : null
    const found = (held.value ?? []).flatMap((one) => matterOf(one) ?? [])
    const place = (one: Matter) => (from ? distance(one.row, from) : dueOf(one))
    return found.sort((one, other) => cameBack(one) - cameBack(other) || place(one) - place(other))
  })
  const loaded = computed(() => held.value !== null)

  return { held, matters, refused, loaded }
}
