import { ref, shallowRef, type ShallowRef } from 'vue'

import type { Listing } from '@/shared/api/types'

import { fieldDatabase, type HeldList } from '../offline/db'

const HOUR = 3_600_000
/** Younger than this a kept list is as good as asked for. */
const FRESH_FOR = 12 * HOUR

export interface Whose {
  owner: string
  language: string
}

/** Also in the language of before, if the app was switched without signal: whoever reports needs its categories. */
async function keptList(name: string, { owner }: Whose): Promise<HeldList | null> {
  return (await (await fieldDatabase())?.lists.get([owner, name]).catch(() => undefined)) ?? null
}

async function keepList(name: string, { owner, language }: Whose, rows: unknown[]): Promise<void> {
  await (await fieldDatabase())?.lists.put({ owner, name, language, heldAt: Date.now(), rows }).catch(() => undefined)
}

/** A short list that seldom changes: kept on the phone, asked for again after half a day, shared by every screen. */
export function createCachedList<Row>(name: string, ask: () => Promise<Listing<Row>>, whose: () => Whose | null) {
  const rows: ShallowRef<Row[]> = shallowRef([])
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let loaded = false

  async function fetchRows(who: Whose | null): Promise<void> {
    rows.value = (await ask()).results
    loaded = true
    if (who) await keepList(name, who, rows.value)
  }

  /** What is kept is shown at once; whether it is young enough to do. */
  async function showKept(who: Whose | null): Promise<HeldList | null> {
    const kept = who && (await keptList(name, who))
    if (kept) rows.value = kept.rows as Row[]
    return kept
  }
  const isFresh = (kept: HeldList | null, who: Whose | null) => kept !== null && kept.language === who?.language && Date.now() - kept.heldAt < FRESH_FOR

  async function load(): Promise<void> {
    if (loaded || loading.value) return
    loading.value = true
    error.value = null
    const who = whose()
    const kept = await showKept(who)
    try {
      if (isFresh(kept, who)) loaded = true
      else await fetchRows(who)
    } catch (failure) {
      // An old list is better than none.
      if (!kept) error.value = failure
    } finally {
      loading.value = false
    }
  }

  /** Asks again although what is kept is young: something was done that changes it. */
  async function renew(): Promise<void> {
    await fetchRows(whose()).catch(() => undefined)
  }

  function forget(): void {
    loaded = false
    rows.value = []
  }

  return { rows, error, loading, load, renew, forget }
}
