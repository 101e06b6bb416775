import { ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { ApiError, api } from '@/shared/api/client'
import type { Conflicts } from '@/shared/api/types'

import { messageOf } from './errors'
import { useLoad } from './useLoad'

export const DECISIONS = ['keep', 'take', 'both'] as const
export type Decision = (typeof DECISIONS)[number]

/** What was done without signal and came too late for a case, and the decision. A refusal leaves what was typed. */
export function useConflicts(caseId: () => number) {
  const { t } = useI18n({ useScope: 'global' })
  const { value, load } = useLoad<Conflicts>((signal) => api.get(`cases/${caseId()}/conflicts/`, {}, signal))
  const problem = ref('')
  const busy = ref<Decision | null>(null)

  async function decide(conflict: number, decision: Decision, text: string): Promise<boolean> {
    busy.value = decision
    problem.value = ''
    try {
      await api.post(`cases/${caseId()}/conflicts/${conflict}/`, { decision, text })
      return true
    } catch (cause) {
      problem.value = (cause instanceof ApiError && cause.message) || messageOf(cause, t)
      return false
    } finally {
      busy.value = null
    }
  }
  return { value, load, problem, busy, decide }
}
