import { computed, ref, type ComputedRef, type Ref } from 'vue'

import { ApiError } from '@/shared/api/client'
import type { Question } from '@/shared/api/types'

import { filesOf, type ReportDraft } from '../lib/draft'
import { sentenceFor } from '../lib/errors'
import { isDispute, nameless } from '../lib/parties'
import { unanswered } from '../lib/questions'

import type { SubmitState } from './useSubmitReport'

type Translate = (key: string, values?: Record<string, unknown>) => string
type Section = 'words' | 'place' | 'category' | 'solved' | 'answers' | 'parties'

/** Which of the server's fields are shown in which part of the page. */
const SECTIONS: Record<Section, string[]> = {
  words: ['description'],
  place: ['lon', 'lat', 'area', 'datum', 'accuracy_m'],
  category: ['category'],
  solved: ['self_handled'],
  answers: ['answers'],
  parties: ['parties'],
}
const FIELDS = Object.values(SECTIONS).flat()

/** One sentence per part of the form: the server's if it had one, else what is still missing. */
export function useReportProblems(
  t: Translate,
  draft: ReportDraft,
  state: ComputedRef<SubmitState>,
  error: () => unknown,
  asked: Readonly<Ref<Question[]>>,
) {
  const tried = ref(false)

  // No place is no reason to refuse: the server then takes the reporter's own area.
  const missing = computed<Record<Section, string | null>>(() => ({
    words: draft.description.trim() || filesOf(draft).length ? null : t('field.report.needWords'),
    place: null,
    category: draft.category ? null : t('field.report.needCategory'),
    solved: null,
    answers: unanswered(asked.value, draft.answers).length ? t('field.report.needAnswers') : null,
    parties: isDispute(draft.category) && nameless(draft.parties) ? t('field.parties.needName') : null,
  }))

  function problem(section: Section): string | null {
    const failure = error()
    const names = failure instanceof ApiError ? SECTIONS[section].map((name) => failure.forField(name)) : []
    return names.find(Boolean) ?? (tried.value ? missing.value[section] : null)
  }
  const problems = computed(() => ({ words: problem('words'), place: problem('place'), category: problem('category'), solved: problem('solved'), answers: problem('answers'), parties: problem('parties') }))

  /** What stands beside the button: everything that no part above already says. */
  const outcome = computed(() => {
    const failure = error()
    if (state.value === 'unanswered') return t('field.report.inDoubt')
    if (!failure) return ''
    const atField = failure instanceof ApiError && FIELDS.some((name) => failure.forField(name))
    return atField ? '' : t('field.report.refused', { reason: sentenceFor(failure, t) })
  })

  function complete(): boolean {
    tried.value = true
    return !Object.values(missing.value).some(Boolean)
  }
  const forgive = () => void (tried.value = false)

  return { problems, outcome, complete, forgive }
}
