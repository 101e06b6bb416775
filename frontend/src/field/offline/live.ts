import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'

import { fieldDatabase, type FieldDatabase } from './db'

/** What a query of the phone's store finds, renewed by itself whenever what it read changes, in this tab or another. */
export function useLive<Value>(key: () => unknown, query: (database: FieldDatabase) => Promise<Value>, initial: Value, failed: () => void = () => undefined): ShallowRef<Value> {
  const value = shallowRef(initial)
  let stop = () => undefined as void
  async function begin(): Promise<void> {
    stop()
    const database = await fieldDatabase()
    if (!database) return
    const { liveQuery } = await import('./database')
    const subscription = liveQuery(() => query(database)).subscribe({ next: (found) => (value.value = found), error: failed })
    stop = () => subscription.unsubscribe()
  }
  watch(key, begin, { immediate: true })
  onScopeDispose(() => stop())
  return value
}
