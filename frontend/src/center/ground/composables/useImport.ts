import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, ApiError, uploadTelling } from '@/shared/api/client'

import { messageOf } from '../../composables/errors'
import type { ImportJob } from '../contract'
import { emptyImport, IMPORT_FIELDS, type ImportField, type ImportForm, importFields, isRunning, missingForImport } from '../importForm'

const POLL_MS = 1_000

/** One file on its way in: sent, checked by the server in the background, looked at, and applied if it is clean. */
export function useImport(changed: () => void) {
  const { t, locale } = useI18n({ useScope: 'global' })
  const form = ref<ImportForm>(emptyImport())
  const file = shallowRef<File | null>(null)
  const errors = ref<Partial<Record<ImportField, string>>>({})
  const general = ref<string | null>(null)
  const sent = ref<number | null>(null)
  const applying = ref(false)
  const job = shallowRef<ImportJob | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  function refused(error: unknown): void {
    if (error instanceof ApiError) errors.value = Object.fromEntries(IMPORT_FIELDS.flatMap((name) => (error.forField(name) ? [[name, error.forField(name)!]] : [])))
    general.value = Object.keys(errors.value).length ? null : messageOf(error, t)
  }
  function follow(): void {
    clearTimeout(timer)
    if (job.value && isRunning(job.value)) timer = setTimeout(poll, POLL_MS)
  }
  async function poll(): Promise<void> {
    const id = job.value?.id
    if (id === undefined) return
    try {
      take(await api.get<ImportJob>(`imports/${id}/`), id)
    } catch {
      // A lost answer is asked for again; the job goes on without us.
      follow()
    }
  }
  function take(answer: ImportJob, asked: number): void {
    // Meanwhile another job was opened.
    if (job.value?.id !== asked) return
    const settled = isRunning(job.value) && !isRunning(answer)
    job.value = answer
    if (settled) changed()
    follow()
  }
  function open(chosen: ImportJob | null): void {
    job.value = chosen
    general.value = null
    // The list says how many problems there are, the job itself which.
    if (chosen) void poll()
  }
  async function send(): Promise<void> {
    const missing = missingForImport(form.value, file.value)
    errors.value = Object.fromEntries(Object.entries(missing).map(([name, key]) => [name, t(key)]))
    general.value = null
    if (!file.value || Object.keys(missing).length || sent.value !== null) return
    const body = new FormData()
    for (const [name, value] of Object.entries(importFields(form.value))) body.append(name, value)
    body.append('file', file.value, file.value.name)
    sent.value = 0
    try {
      job.value = await uploadTelling<ImportJob>('imports/', body, (part) => (sent.value = part))
      changed()
      follow()
    } catch (error) {
      refused(error)
    } finally {
      sent.value = null
    }
  }
  async function apply(): Promise<void> {
    if (!job.value || applying.value) return
    const id = job.value.id
    applying.value = true
    general.value = null
    try {
      take(await api.post<ImportJob>(`imports/${id}/apply/`), id)
    } catch (error) {
      refused(error)
    } finally {
      applying.value = false
    }
  }
  watch(locale, () => void poll())
  onScopeDispose(() => clearTimeout(timer))
  return { form, file, errors, general, sent, job, applying, send, apply, open }
}
