import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, ApiError } from '@/shared/api/client'

import { messageOf } from '../../composables/errors'
import { bodyOf, type ChangeForm, type FormField, missingIn, newForm, toggleCell } from '../changeForm'
import type { ActName, Change, Outline, Preview } from '../contract'
import { type Draft, draftOf, emptyDraft } from '../drawing'

const FIELDS: readonly FormField[] = ['cells', 'geometry', 'line', 'on', 'reason', 'name', 'kind', 'keep', 'village']
const KEPT_STEPS = 100

/** The server's sentences, each for its field. */
function sentencesOf(error: unknown): Partial<Record<FormField, string>> {
  if (!(error instanceof ApiError)) return {}
  return Object.fromEntries(FIELDS.flatMap((name) => (error.forField(name) ? [[name, error.forField(name)!]] : [])))
}

/**
 * One act on the ground, from its first click to the server's answer. What was typed and drawn lives here and survives
 * every refusal; only success or closing the form empties it. A preview belongs to the form it was made from: whatever
 * is changed afterwards makes it old, and what is old cannot be confirmed.
 */
export function useChange(done: (change: Change) => void) {
  const { t } = useI18n({ useScope: 'global' })
  const form = ref<ChangeForm | null>(null)
  const errors = ref<Partial<Record<FormField, string>>>({})
  const general = ref<string | null>(null)
  const preview = shallowRef<Preview | null>(null)
  const previewed = ref('')
  const busy = ref<'preview' | 'confirm' | null>(null)
  const past = shallowRef<Draft[]>([])

  const body = computed(() => (form.value ? JSON.stringify(bodyOf(form.value)) : ''))
  const fresh = computed(() => preview.value !== null && previewed.value === body.value)
  const allowed = computed(() => fresh.value && preview.value!.allowed)

  function forget(): void {
    errors.value = {}
    general.value = null
  }
  function start(act: ActName, area: { code: string; geometry?: Outline | null }): void {
    form.value = newForm(act, area)
    if (act === 'redraw' && area.geometry) form.value.draft = draftOf(area.geometry)
    past.value = []
    preview.value = null
    forget()
  }
  function cancel(): void {
    form.value = null
    preview.value = null
  }
  function change(patch: Partial<ChangeForm>): void {
    if (form.value) form.value = { ...form.value, ...patch }
  }
  function draw(draft: Draft): void {
    if (!form.value) return
    past.value = [...past.value, form.value.draft].slice(-KEPT_STEPS)
    change({ draft })
  }
  function undo(): void {
    const before = past.value.at(-1)
    if (!before) return
    past.value = past.value.slice(0, -1)
    change({ draft: before })
  }
  const clear = (): void => draw(emptyDraft(form.value?.draft.shape ?? 'area'))
  function toggle(code: string): void {
    if (form.value?.act === 'merge' && code.startsWith(form.value.village)) form.value = toggleCell(form.value, code)
  }
  function refused(error: unknown): void {
    errors.value = sentencesOf(error)
    general.value = Object.keys(errors.value).length ? null : messageOf(error, t)
  }
  async function ask<Answer>(what: 'preview' | 'confirm', path: string, take: (answer: Answer) => void): Promise<void> {
    if (!form.value || busy.value) return
    forget()
    const missing = missingIn(form.value)
    errors.value = Object.fromEntries(Object.entries(missing).map(([name, key]) => [name, t(key)]))
    if (Object.keys(missing).length) return
    busy.value = what
    try {
      take(await api.post<Answer>(path, bodyOf(form.value)))
    } catch (error) {
      refused(error)
    } finally {
      busy.value = null
    }
  }
  function look(): Promise<void> {
    const asked = body.value
    return ask<Preview>('preview', 'areas/changes/preview/', (answer) => {
      preview.value = answer
      previewed.value = asked
    })
  }
  async function confirm(): Promise<void> {
    if (!allowed.value) return
    await ask<Change>('confirm', 'areas/changes/', (answer) => {
      cancel()
      done(answer)
    })
  }
  return { form, errors, general, preview, fresh, allowed, busy, canUndo: computed(() => past.value.length > 0), start, cancel, change, draw, undo, clear, toggle, look, confirm }
}
