import { computed, reactive, ref, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'

import { useSession } from '@/shared/session'

import { calls } from '../api'
import { emptyDraft, type ReportDraft } from '../lib/draft'
import { answersTo, questionsOf } from '../lib/questions'
import { fieldStore } from '../lib/store'

import { useCategories, useQuestions } from './useLists'
import { rememberSent } from './useLastSent'
import { usePhotoUploads } from './usePhotoUploads'
import { useReportDraft, type ReportDraftHandle } from './useReportDraft'
import { useReportProblems } from './useReportProblems'
import { useSubmitReport, type SubmitState } from './useSubmitReport'

type Translate = (key: string, values?: Record<string, unknown>) => string
type Sender = ReturnType<typeof useSubmitReport>

/** Opens the kept draft and its sender; saves once more whenever the page may be going. */
function useKeptDraft(owner: string) {
  const form: ShallowRef<ReportDraftHandle | null> = shallowRef(null)
  const sender: ShallowRef<Sender | null> = shallowRef(null)
  const flush = () => void form.value?.flush()

  async function open(): Promise<void> {
    const handle = useReportDraft(await fieldStore(), owner)
    await handle.load()
    sender.value = useSubmitReport(handle.draft, calls.report, handle.flush)
    form.value = handle
    window.addEventListener('pagehide', flush)
    document.addEventListener('visibilitychange', flush)
  }

  function close(): void {
    window.removeEventListener('pagehide', flush)
    document.removeEventListener('visibilitychange', flush)
    flush()
  }

  return { form, sender, open, close }
}

/** What is asked in the category of the draft; the list is asked for once, and comes late or never without a net. */
function useAsked(draft: ComputedRef<ReportDraft>) {
  const questions = useQuestions()
  const categories = useCategories()
  void questions.load()
  const asked = computed(() => questionsOf(draft.value.category, questions.rows.value, categories.rows.value))
  watch(() => draft.value.category, (_now, before) => {
    if (before && questions.rows.value.length) draft.value.answers = answersTo(asked.value, draft.value.answers)
  })
  return asked
}

/** The report page's form: the draft, what is missing or refused, and the way to send it. */
export function useReportForm(t: Translate) {
  const owner = String(useSession().user.value?.id ?? '')
  const { form, sender, open, close } = useKeptDraft(owner)
  const blank = reactive(emptyDraft())
  const draft: ComputedRef<ReportDraft> = computed(() => form.value?.draft ?? blank)
  const waiting = ref(false)
  const state = computed<SubmitState>(() => (waiting.value ? 'sending' : (sender.value?.state.value ?? 'idle')))
  const asked = useAsked(draft)
  const said = useReportProblems(t, draft, state, () => sender.value?.error.value, asked)

  /** The case's id once the server has it, else null. `settled` may hold it back a moment, for a position on its way. */
  async function submit(settled: () => Promise<unknown>): Promise<string | null> {
    if (!form.value || !sender.value || waiting.value || !said.complete()) return null
    waiting.value = true
    await settled().finally(() => (waiting.value = false))
    const typed = draft.value.description.trim()
    const sent = await sender.value.submit()
    if (!sent) return null
    const id = String(sent.detail.id)
    await form.value.confirm(id)
    rememberSent(sent.detail, sent.editsLeftOut ? typed : '')
    const photos = draft.value.photos
    void usePhotoUploads().add(owner, id, photos)
    return id
  }

  async function discard(): Promise<void> {
    await form.value?.discard()
    sender.value?.reset()
    said.forgive()
  }

  return { form, draft, asked, state, problems: said.problems, outcome: said.outcome, submit, discard, open, close }
}
