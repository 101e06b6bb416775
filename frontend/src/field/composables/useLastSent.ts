import { readonly, shallowRef } from 'vue'

import type { CaseDetail } from '@/shared/api/types'

interface LastSent {
  detail: CaseDetail
  /** Words written after an attempt that had arrived unnoticed; empty when nothing was left out. */
  leftOut: string
  /** So many photos and recordings did not arrive, and are not kept here. */
  lost: number
}

const last = shallowRef<LastSent | null>(null)

export function rememberSent(detail: CaseDetail, leftOut: string, lost: number): void {
  last.value = { detail, leftOut, lost }
}

/** The answer to the report just sent: the success page shows it without asking the server again. */
export const useLastSent = () => readonly(last)
