import { computed, ref, shallowRef } from 'vue'

import { ApiError } from '@/shared/api/client'
import type { CaseDetail, CaseEvent } from '@/shared/api/types'
import { useSession } from '@/shared/session'

import { calls } from '../api'
import { fieldDatabase, type HeldCase } from '../offline/db'
import { actsAfter, waitingActs } from '../offline/doing'
import { useLive } from '../offline/live'
import { thenOf } from '../offline/outbox'
import { fits } from '../offline/room'

import { useOutbox } from './useOutbox'

/**
 * One case with its history: at once as the phone holds it, then as the server tells. Without signal what is held
 * stands, with the moment from which it is; what was done here meanwhile decides which acts are offered.
 */
export function useCase(id: () => string) {
  const { user, language } = useSession()
  const owner = String(user.value?.id ?? '')
  const fresh = shallowRef<CaseDetail | null>(null)
  const freshEvents = shallowRef<CaseEvent[]>([])
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  const eventsError = shallowRef<unknown>(null)
  const held = useLive<HeldCase | undefined>(id, (database) => database.cases.get([owner, Number(id())]), undefined)
  const { items } = useOutbox()

  /** Whichever is the newer one. */
  const mine = computed(() => {
    const now = held.value
    // What is held in the other language stands only if nothing else is to be had.
    if (loading.value && now?.language !== language.value) return null
    return now && (!fresh.value || now.events.length > freshEvents.value.length) ? now : null
  })
  const detail = computed(() => mine.value?.detail ?? fresh.value)
  const events = computed(() => mine.value?.events ?? freshEvents.value)
  const waiting = computed(() => (detail.value ? waitingActs(items.value, detail.value.client_id) : []))
  const acts = computed(() => {
    if (!detail.value) return []
    return actsAfter({ detail: detail.value, then: thenOf(held.value, detail.value) }, waiting.value)
  })
  /** Since when the phone has what it shows; null when it is from now. */
  const heldAt = computed(() => (mine.value && !fresh.value ? mine.value.heldAt : null))

  async function loadEvents(): Promise<void> {
    eventsError.value = null
    try {
      freshEvents.value = (await calls.caseEvents(id())).results
    } catch (failure) {
      eventsError.value = failure
    }
  }

  async function remember(): Promise<void> {
    const database = await fieldDatabase()
    const known = fresh.value && (await database?.cases.get([owner, fresh.value.id]))
    if (!database || !known || eventsError.value || freshEvents.value.length < known.count) return
    const then = thenOf(known, fresh.value!)
    await fits(database.cases.put({ ...known, detail: fresh.value!, then, events: freshEvents.value, heldAt: Date.now() }))
  }

  async function load(): Promise<void> {
    loading.value = true
    error.value = null
    try {
      fresh.value = await calls.caseDetail(id())
      await loadEvents()
      await remember()
    } catch (failure) {
      error.value = failure
      if (failure instanceof ApiError && failure.offline) fresh.value = null
    } finally {
      loading.value = false
    }
  }

  async function take(answer: CaseDetail): Promise<void> {
    fresh.value = answer
    await loadEvents()
    await remember()
  }

  return { detail, events, acts, waiting, heldAt, loading, error, eventsError, load, loadEvents, take }
}
