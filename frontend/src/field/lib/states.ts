import type { CaseState } from '@/shared/api/types'

/** States without a running clock to show; the server decides all else about them. */
export const ENDED: readonly CaseState[] = ['closed', 'archived', 'rejected', 'merged', 'cancelled', 'transferred']
