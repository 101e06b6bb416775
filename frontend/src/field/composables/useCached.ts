import { ref, shallowRef, type ShallowRef } from 'vue'

import type { Listing } from '@/shared/api/types'

/** A short list that seldom changes: asked once per page load and shared by every screen. */
export function createCachedList<Row>(ask: () => Promise<Listing<Row>>) {
  const rows: ShallowRef<Row[]> = shallowRef([])
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let loaded = false

  async function load(): Promise<void> {
    if (loaded || loading.value) return
    loading.value = true
    error.value = null
    try {
      rows.value = (await ask()).results
      loaded = true
    } catch (failure) {
      error.value = failure
    } finally {
      loading.value = false
    }
  }

  function forget(): void {
    loaded = false
    rows.value = []
  }

  return { rows, error, loading, load, forget }
}
