import { useI18n } from 'vue-i18n'

import type { PatrolArea } from '@/shared/api/types'

const need = ({ days_since: days, every_days: every }: PatrolArea) => (days === null ? Number.MAX_SAFE_INTEGER : days - every)

/** How long nobody was in a patrol area, in one sentence; which one waits most. */
export function usePatrolDays() {
  const { t } = useI18n()

  function daysOf({ days_since: n, every_days: every, late }: PatrolArea): string {
    if (n === null) return t('field.patrol.never', { every })
    if (n === 0) return t('field.patrol.today', { every })
    return t(late ? 'field.patrol.days' : 'field.patrol.fine', { n, every }, n)
  }
  const byNeed = (areas: readonly PatrolArea[]) => [...areas].sort((one, other) => need(other) - need(one))

  return { daysOf, byNeed }
}
