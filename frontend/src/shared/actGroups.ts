import type { Act } from '@/shared/api/types'

/** In plain words what an act is for: the menu of a case is read by group, not as one long row. */
export const GROUPS = ['handle', 'help', 'refer', 'relate', 'end'] as const
export type ActGroup = (typeof GROUPS)[number]

const GROUP_OF: Record<string, ActGroup> = {
  opine: 'help',
  meet: 'help',
  nudge: 'help',
  instruct: 'help',
  supervise: 'help',
  supervision_reply: 'help',
  lift_supervision: 'help',
  comment: 'help',
  return: 'refer',
  assign: 'refer',
  reassign: 'refer',
  escalate: 'refer',
  answer: 'refer',
  transfer: 'refer',
  merge: 'relate',
  unmerge: 'relate',
  link_parent: 'relate',
  unlink_parent: 'relate',
  close: 'end',
  archive: 'end',
  reopen: 'end',
  follow_up: 'end',
  reject: 'end',
  cancel: 'end',
}

export interface GroupedActs {
  group: ActGroup
  acts: Act[]
}

/** An act that the server learns later stands with the handling, so that it can always be reached. */
export function groupsOf(acts: readonly Act[]): GroupedActs[] {
  return GROUPS.map((group) => ({ group, acts: acts.filter((one) => (GROUP_OF[one.act] ?? 'handle') === group) })).filter((one) => one.acts.length)
}

/** What is shown at once and what stands behind "more". Without a main act the likeliest few are in front. */
export function splitActs(acts: readonly Act[], few: number): { direct: Act[]; more: Act[] } {
  const main = acts.filter((one) => one.primary)
  const direct = main.length ? main : acts.slice(0, few)
  const rest = acts.filter((one) => !direct.includes(one))
  // A menu for one or two saves nothing.
  return rest.length <= few ? { direct: [...direct, ...rest], more: [] } : { direct, more: rest }
}
