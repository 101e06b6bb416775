import { onScopeDispose, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { api } from '@/shared/api/client'
import type { Export } from '@/shared/api/types'

import { messageOf } from './errors'

const ASK_AGAIN_MS = 2000
const WAITING = ['waiting', 'running']

/** One list taken out as a file: asked for, waited for, fetched. */
export function useExport() {
  const { t } = useI18n({ useScope: 'global' })
  const row = shallowRef<Export | null>(null)
  const problem = ref('')
  const busy = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function wait(): void {
    clearTimeout(timer)
    if (row.value && WAITING.includes(row.value.state)) timer = setTimeout(look, ASK_AGAIN_MS)
  }
  async function look(): Promise<void> {
    const asked = row.value
    if (!asked) return
    try {
      const answer = await api.get<Export>(`exports/${asked.id}/`)
      if (row.value === asked) row.value = answer
      problem.value = ''
    } catch (error) {
      problem.value = messageOf(error, t)
    }
    wait()
  }
  async function start(purpose: string, format: string, query: Record<string, string>): Promise<void> {
    busy.value = true
    problem.value = ''
    try {
      row.value = await api.post<Export>('exports/', { purpose, format, query })
      wait()
    } catch (error) {
      problem.value = messageOf(error, t)
    } finally {
      busy.value = false
    }
  }
  function forget(): void {
    clearTimeout(timer)
    row.value = null
    problem.value = ''
  }
  onScopeDispose(() => clearTimeout(timer))
  return { row, problem, busy, start, forget }
}
