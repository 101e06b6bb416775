// What the page offers by role where the session does not say it; the server decides about every request.
import type { Me } from '@/shared/api/types'

const OVERSEERS: readonly string[] = ['center_operator', 'center_head', 'leader', 'auditor', 'village_officer']
const LEAVE_ENTERERS: readonly string[] = ['center_operator', 'center_head', 'village_officer']

type Somebody = Pick<Me, 'roles'> | null

/** Whether cells without anybody are this person's to look after. */
export function oversees(user: Somebody): boolean {
  return user?.roles.some((role) => OVERSEERS.includes(role)) ?? false
}

export function entersLeave(user: Somebody): boolean {
  return user?.roles.some((role) => LEAVE_ENTERERS.includes(role)) ?? false
}
