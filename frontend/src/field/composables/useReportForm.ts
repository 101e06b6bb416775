import { computed, reactive, shallowRef, type ShallowRef } from 'vue'

import { ApiError } from '@/shared/api/client'
import { useSession } from '@/shared/session'

import { calls } from '../api'
import { emptyDraft, type ReportDraft } from '../lib/draft'
import { sentenceFor } from '../lib/errors'
import { fieldStore } from '../lib/store'

import { rememberSent } from './useLastSent'
import { usePhotoUploads } from './usePhotoUploads'
import { useReportDraft, type ReportDraftHandle } from './useReportDraft'
import { useSubmitReport } from './useSubmitReport'

type Translate = (key: string, values?: Record<string, unknown>) => string
type Section = 'words' | 'place' | 'category'

const SECTIONS: Record<Section, string[]> = {
  words: ['description'],
  place: ['lon', 'lat', 'area', 'datum', 'accuracy_m'],
  category: ['category'],
}
const FIELDS = Object.values(SECTIONS).flat()

/** The report page's form: the kept draft, what is still missing, and what the server said about each field. */
export function useReportForm(t: Translate) {
  const owner = String(useSession().user.value?.id ?? '')
  const blank = reactive(emptyDraft())
  const form: ShallowRef<ReportDraftHandle | null> = shallowRef(null)
  const sender: ShallowRef<ReturnType<typeof useSubmitReport> | null> = shallowRef(null)
  const tried = shallowRef(false)
  const draft = computed<ReportDraft>(() => form.value?.draft ?? blank)

  async function open(): Promise<void> {
    const handle = useReportDraft(await fieldStore(), owner)
    await handle.load()
    sender.value = useSubmitReport(handle.draft, calls.report, handle.flush)
    form.value = handle
    window.addEventListener('pagehide', handle.flush)
    document.addEventListener('visibilitychange', handle.flush)
  }

  function close(): void {
    if (!form.value) return
    window.removeEventListener('pagehide', form.value.flush)
    document.removeEventListener('visibilitychange', form.value.flush)
    void form.value.flush()
  }

  const missing = computed<Record<Section, string | null>>(() => ({
    words: draft.value.description.trim() ? null : t('field.report.needWords'),
    place: draft.value.place ? null : t('field.report.needPlace'),
    category: draft.value.category ? null : t('field.report.needCategory'),
  }))

  const problems = computed(() => {
    const error = sender.value?.error.value
    const said = (section: Section) =>
      error instanceof ApiError ? SECTIONS[section].map((name) => error.forField(name)).find(Boolean) : null
    const problem = (section: Section) => said(section) ?? (tried.value ? missing.value[section] : null)
    return { words: problem('words'), place: problem('place'), category: problem('category') }
  })

  /** What is to be said beside the button: everything that no field above already says. */
  const outcome = computed(() => {
    const error = sender.value?.error.value
    if (sender.value?.state.value === 'unanswered') return t('field.report.inDoubt')
    if (!error) return ''
    const atField = error instanceof ApiError && FIELDS.some((name) => error.forField(name))
    return atField ? '' : t('field.report.refused', { reason: sentenceFor(error, t) })
  })

  /** The case's id once the server has it, else null. */
  async function submit(): Promise<string | null> {
    tried.value = true
    if (!form.value || !sender.value || Object.values(missing.value).some(Boolean)) return null
    const typed = draft.value.description.trim()
    const sent = await sender.value.submit()
    if (!sent) return null
    const id = String(sent.detail.id)
    await form.value.confirm(id)
    rememberSent(sent.detail, sent.editsLeftOut ? typed : '')
    void usePhotoUploads().resume(owner)
    return id
  }

  return {
    form,
    draft,
    problems,
    outcome,
    sending: computed(() => sender.value?.state.value === 'sending'),
    unanswered: computed(() => sender.value?.state.value === 'unanswered'),
    submit,
    open,
    close,
  }
}
