import { reactive, ref, watch } from 'vue'

import { emptyDraft, isWorthKeeping, joined, plainDraft, type ReportDraft } from '../lib/draft'
import type { FieldStore } from '../lib/store'

const PAUSE = 300

export type SaveState = 'unchanged' | 'saved' | 'memory' | 'failed'

/** Writes the draft a moment after the last change, and at once when asked. */
function useSaving(draft: ReportDraft, opening: FieldStore | Promise<FieldStore>, owner: string) {
  const saveState = ref<SaveState>('unchanged')
  let timer: ReturnType<typeof setTimeout> | undefined
  let held = true

  async function write(): Promise<SaveState> {
    const store = await opening
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
export function useReportDraft(opening: FieldStore | Promise<FieldStore>, owner: string) {
  const draft = reactive<ReportDraft>(emptyDraft())
  const restored = ref(false)
  const { saveState, flush, hold } = useSaving(draft, opening, owner)
  const loaded = ref(false)

  /** What was kept, joined by what was entered while the store was being opened. */
  async function load(): Promise<void> {
    const kept = await (await opening).loadDraft(owner).catch(() => null)
    const entered = isWorthKeeping(draft)
    if (kept) {
      Object.assign(draft, entered ? joined(kept, draft) : { ...emptyDraft(), ...kept })
      restored.value = isWorthKeeping(kept)
    }
    loaded.value = true
    hold(false)
    if (entered) await flush()
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

  /** It is with the server: nothing of it stays here. */
  async function drop(): Promise<void> {
    hold(true)
    await (await opening).removeDraft(owner).catch(() => undefined)
  }

  return { draft, saveState, restored, loaded, load, flush, discard, confirm, release, drop }
}

export type ReportDraftHandle = ReturnType<typeof useReportDraft>
