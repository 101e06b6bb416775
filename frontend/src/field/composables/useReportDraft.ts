import { reactive, ref, watch } from 'vue'

import { emptyDraft, isWorthKeeping, plainDraft, type ReportDraft } from '../lib/draft'
import type { FieldStore } from '../lib/store'

const PAUSE = 300

export type SaveState = 'unchanged' | 'saved' | 'memory' | 'failed'

/** The report being written, kept on the phone until the server has confirmed it. */
export function useReportDraft(store: FieldStore, owner: string) {
  const draft = reactive<ReportDraft>(emptyDraft())
  const saveState = ref<SaveState>('unchanged')
  const restored = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let paused = true

  async function load(): Promise<void> {
    const kept = await store.loadDraft(owner).catch(() => null)
    // What was typed while the disk was slow is newer than what the disk holds.
    if (kept && !isWorthKeeping(draft)) {
      Object.assign(draft, kept)
      restored.value = isWorthKeeping(kept)
    }
    paused = false
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    if (paused) return
    try {
      if (isWorthKeeping(draft)) await store.saveDraft(owner, plainDraft(draft))
      else await store.removeDraft(owner)
      saveState.value = store.durable ? 'saved' : 'memory'
    } catch {
      saveState.value = 'failed'
    }
  }

  watch(draft, () => {
    clearTimeout(timer)
    if (!paused) timer = setTimeout(flush, PAUSE)
  })

  async function discard(): Promise<void> {
    clearTimeout(timer)
    const place = draft.place
    Object.assign(draft, emptyDraft(), { place })
    restored.value = false
    await store.removeDraft(owner).catch(() => undefined)
  }

  /** The server has it: from here on only the photos are still ours to bring. */
  async function confirm(caseId: string): Promise<void> {
    clearTimeout(timer)
    paused = true
    const photos = draft.photos.map(({ clientId, blob }) => ({ clientId, owner, caseId, blob }))
    await store.confirmDraft(owner, photos).catch(() => undefined)
  }

  return { draft, saveState, restored, load, flush, discard, confirm }
}

export type ReportDraftHandle = ReturnType<typeof useReportDraft>
