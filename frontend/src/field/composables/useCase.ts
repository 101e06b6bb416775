import { ref, shallowRef } from 'vue'

import type { CaseDetail, CaseEvent } from '@/shared/api/types'

import { calls } from '../api'

/** One case with its history. The history may fail on its own: the facts are shown all the same. */
export function useCase(id: () => string) {
  const detail = shallowRef<CaseDetail | null>(null)
  const events = shallowRef<CaseEvent[]>([])
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  const eventsError = shallowRef<unknown>(null)

  async function loadEvents(): Promise<void> {
    eventsError.value = null
    try {
      events.value = (await calls.caseEvents(id())).results
    } catch (failure) {
      eventsError.value = failure
    }
  }

  async function load(): Promise<void> {
    loading.value = true
    error.value = null
    try {
      detail.value = await calls.caseDetail(id())
      await loadEvents()
    } catch (failure) {
      error.value = failure
    } finally {
      loading.value = false
    }
  }

  async function take(answer: CaseDetail): Promise<void> {
    detail.value = answer
    await loadEvents()
  }

  return { detail, events, loading, error, eventsError, load, loadEvents, take }
}
