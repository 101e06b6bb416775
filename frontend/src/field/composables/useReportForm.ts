import { computed, reactive, ref, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'

import { ApiError } from '@/shared/api/client'
import { useSession } from '@/shared/session'

import { calls } from '../api'
import { emptyDraft, filesOf, plainDraft, toPayload, type ReportDraft } from '../lib/draft'
import type { LocalFile } from '../lib/photo'
import { answersTo, questionsOf } from '../lib/questions'
import { fieldStore } from '../lib/store'
import { fieldDatabase, type FieldDatabase } from '../offline/db'
import { keepReport, settle, takeBack } from '../offline/doing'

import { useCategories, useQuestions } from './useLists'
import { rememberSent } from './useLastSent'
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

/** Where a report went: to the server, whose number leads on, or as far as this phone. */
interface Way {
  id: string
}

async function overTheOutbox(database: FieldDatabase, owner: string, handle: ReportDraftHandle, t: Translate): Promise<Way | ApiError | null> {
  const { draft } = handle
  draft.reportedAt ??= new Date().toISOString()
  handle.confirm()
  const kept = plainDraft(draft)
  await keepReport(database, owner, toPayload(kept, t('field.report.wordless')), filesOf(kept))
  const settled = await settle(database, draft.clientId)
  if (settled.state !== 'refused') return { id: settled.state === 'done' && settled.detail ? String(settled.detail.id) : draft.clientId }
  // A clear no: the server has nothing of it, and the form shows what is wrong.
  await takeBack(database, draft.clientId)
  await handle.release()
  return settled.error
}

/** The report page's form: the draft, what is missing or refused, and the way to send it. */
export function useReportForm(t: Translate) {
  const owner = String(useSession().user.value?.id ?? '')
  const { form, sender, open, close } = useKeptDraft(owner)
  const blank = reactive(emptyDraft())
  const draft: ComputedRef<ReportDraft> = computed(() => form.value?.draft ?? blank)
  const waiting = ref(false)
  const refusal = shallowRef<ApiError | null>(null)
  const full = ref(false)
  const state = computed<SubmitState>(() => (waiting.value ? 'sending' : (sender.value?.state.value ?? 'idle')))
  const asked = useAsked(draft)
  const said = useReportProblems(t, draft, state, () => refusal.value ?? sender.value?.error.value, asked)

  /** Sent at once or not at all: this browser keeps nothing. */
  async function directly(): Promise<Way | null> {
    const sent = await sender.value!.submit()
    if (!sent) return null
    const id = String(sent.detail.id)
    rememberSent(sent.detail, sent.editsLeftOut ? draft.value.description.trim() : '')
    await sendFilesNow(id, filesOf(draft.value))
    return { id }
  }

  async function away(): Promise<Way | null> {
    const database = await fieldDatabase()
    if (!database) return directly()
    refusal.value = null
    full.value = false
    try {
      const way = await overTheOutbox(database, owner, form.value!, t)
      if (way instanceof ApiError) refusal.value = way
      return way && 'id' in way ? way : null
    } catch {
      // Nothing was written: no room is left on the phone. The form stays as it is.
      full.value = true
      await form.value?.release()
      return null
    }
  }

  /** The way on, or null. `settled` may hold it back a moment, for a position on its way. */
  async function submit(settled: () => Promise<unknown>): Promise<string | null> {
    if (!form.value || !sender.value || waiting.value || !said.complete()) return null
    waiting.value = true
    await settled()
    const way = await away().finally(() => (waiting.value = false))
    return way?.id ?? null
  }

  async function discard(): Promise<void> {
    await form.value?.discard()
    sender.value?.reset()
    refusal.value = null
    said.forgive()
  }

  const outcome = computed(() => (full.value ? t('field.report.full') : said.outcome.value))
  return { form, draft, asked, state, problems: said.problems, outcome, submit, discard, open, close }
}

/** Where nothing can be kept, files go with the page open. */
async function sendFilesNow(caseId: string, files: LocalFile[]): Promise<void> {
  for (const file of files) await calls.upload(caseId, file.clientId, file.blob).catch(() => undefined)
}
