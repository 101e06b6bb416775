import { computed, ref, shallowRef, watch, type ShallowRef } from 'vue'

import { ApiError } from '@/shared/api/client'
import { useSession } from '@/shared/session'

import { calls } from '../api'
import { filesOf, plainDraft, toPayload, type ReportDraft } from '../lib/draft'
import type { LocalFile } from '../lib/photo'
import { answersTo, questionsOf } from '../lib/questions'
import { fieldStore } from '../lib/store'
import { fieldDatabase, type FieldDatabase } from '../offline/db'
import { fieldsOf, keepReport, settle, takeBack } from '../offline/doing'
import { keepOr } from '../offline/room'

import { useCategories, useQuestions } from './useLists'
import { rememberSent } from './useLastSent'
import { useReportDraft, type ReportDraftHandle } from './useReportDraft'
import { useReportProblems } from './useReportProblems'
import { useSubmitReport, type SubmitState } from './useSubmitReport'

type Translate = (key: string, values?: Record<string, unknown>) => string
type Sender = ReturnType<typeof useSubmitReport>

/** The draft, which can be written at once, and its sender; saves once more whenever the page may be going. */
function useKeptDraft(owner: string) {
  const form = useReportDraft(fieldStore(), owner)
  const sender: ShallowRef<Sender | null> = shallowRef(null)
  const flush = () => void form.flush()
  let opened: Promise<Sender> | null = null

  function open(): Promise<Sender> {
    opened ??= form.load().then(() => (sender.value = useSubmitReport(form.draft, calls.report, form.flush)))
    return opened
  }

  function watchLeaving(): void {
    window.addEventListener('pagehide', flush)
    document.addEventListener('visibilitychange', flush)
  }

  function close(): void {
    window.removeEventListener('pagehide', flush)
    document.removeEventListener('visibilitychange', flush)
    flush()
  }

  return { form, sender, open, watchLeaving, close }
}

/** What is asked in the category of the draft; the list is asked for once, and comes late or never without a net. */
function useAsked(draft: ReportDraft) {
  const questions = useQuestions()
  const categories = useCategories()
  void questions.load()
  const asked = computed(() => questionsOf(draft.category, questions.rows.value, categories.rows.value))
  watch(() => draft.category, (_now, before) => {
    if (before && questions.rows.value.length) draft.answers = answersTo(asked.value, draft.answers)
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
  const { form, sender, open, watchLeaving, close } = useKeptDraft(owner)
  const { draft } = form
  const waiting = ref(false)
  const refusal = shallowRef<ApiError | null>(null)
  const full = ref(false)
  const state = computed<SubmitState>(() => (waiting.value ? 'sending' : (sender.value?.state.value ?? 'idle')))
  const asked = useAsked(draft)
  const said = useReportProblems(t, draft, state, () => refusal.value ?? sender.value?.error.value, asked)

  /** Sent at once or not at all: this browser keeps nothing, or nothing more. */
  async function directly(): Promise<Way | null> {
    const sent = await sender.value!.submit()
    if (!sent) return null
    const id = String(sent.detail.id)
    const lost = await sendFilesNow(id, filesOf(draft))
    rememberSent(sent.detail, sent.editsLeftOut ? draft.description.trim() : '', lost)
    await form.drop()
    return { id }
  }

  async function withoutRoom(): Promise<Way | null> {
    await form.release()
    const way = await directly()
    full.value = sender.value!.state.value === 'unanswered'
    return way
  }

  async function away(): Promise<Way | null> {
    const database = await fieldDatabase()
    full.value = false
    // What was sent without the outbox and never answered goes the same way again: it may have arrived.
    if (!database || (draft.unanswered.length && navigator.onLine)) return directly()
    refusal.value = null
    try {
      const way = await keepOr(() => overTheOutbox(database, owner, form, t), withoutRoom)
      if (way instanceof ApiError) refusal.value = way
      return way && 'id' in way ? way : null
    } catch {
      // Nothing was written: no room is left on the phone. The form stays as it is.
      full.value = true
      await form.release()
      return null
    }
  }

  /** The way on, or null. `settled` may hold it back a moment, for a position on its way. */
  async function submit(settled: () => Promise<unknown>): Promise<string | null> {
    if (waiting.value) return null
    await open()
    if (waiting.value || !said.complete()) return null
    waiting.value = true
    await settled()
    const way = await away().finally(() => (waiting.value = false))
    return way?.id ?? null
  }

  async function discard(): Promise<void> {
    await form.discard()
    sender.value?.reset()
    refusal.value = null
    said.forgive()
  }

  const outcome = computed(() => (full.value ? t('field.report.full') : said.outcome.value))
  return { form, draft, asked, state, problems: said.problems, outcome, submit, discard, open, watchLeaving, close }
}

/** Where nothing can be kept, files go with the page open; how many did not arrive. */
async function sendFilesNow(caseId: string, files: LocalFile[]): Promise<number> {
  let lost = 0
  for (const file of files) await calls.upload(caseId, file.clientId, file.blob, fieldsOf(file)).catch(() => (lost += 1))
  return lost
}
