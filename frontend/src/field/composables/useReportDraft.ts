import { reactive, ref, watch } from 'vue'

import { emptyDraft, isWorthKeeping, plainDraft, type ReportDraft } from '../lib/draft'
import type { FieldStore } from '../lib/store'

const PAUSE = 300

export type SaveState = 'unchanged' | 'saved' | 'memory' | 'failed'

/** Writes the draft a moment after the last change, and at once when asked. */
function useSaving(draft: ReportDraft, store: FieldStore, owner: string) {
  const saveState = ref<SaveState>('unchanged')
  let timer: ReturnType<typeof setTimeout> | undefined
  let held = true

  async function write(): Promise<SaveState> {
    if (!isWorthKeeping(draft)) {
      await store.removeDraft(owner)
      return 'unchanged'
    }
    await store.saveDraft(owner, plainDraft(draft))
    return store.durable ? 'saved' : 'memory'
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    if (held) return
    try {
      saveState.value = await write()
    } catch {
      saveState.value = 'failed'
    }
  }

  function hold(on: boolean): void {
    clearTimeout(timer)
    held = on
  }

  watch(draft, () => {
    clearTimeout(timer)
    if (!held) timer = setTimeout(flush, PAUSE)
  })
  return { saveState, flush, hold }
}

/** The report being written, kept on the phone until the server has confirmed it. */
export function useReportDraft(store: FieldStore, owner: string) {
  const draft = reactive<ReportDraft>(emptyDraft())
  const restored = ref(false)
  const { saveState, flush, hold } = useSaving(draft, store, owner)

  async function load(): Promise<void> {
    const kept = await store.loadDraft(owner).catch(() => null)
    if (kept) {
      Object.assign(draft, emptyDraft(), kept)
      restored.value = isWorthKeeping(kept)
    }
    hold(false)
  }

  async function discard(): Promise<void> {
    Object.assign(draft, emptyDraft(), { place: draft.place })
    restored.value = false
    await flush()
  }

  /** On its way: from here on the draft is not written again; `release` takes that back. */
  const confirm = () => hold(true)
  async function release(): Promise<void> {
    hold(false)
    await flush()
  }

  return { draft, saveState, restored, load, flush, discard, confirm, release }
}

export type ReportDraftHandle = ReturnType<typeof useReportDraft>
