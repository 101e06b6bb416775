export type HeldKind =
  | 'matters'
  | 'messages'
  | 'drafts'
  | 'waiting'
  | 'attention'
  | 'photos'
  | 'patrols'
  | 'points'
  | 'cells'
  | 'lists'

/** How much of one kind this phone holds, and since when (ISO; null where it does not matter). */
export interface Held {
  kind: HeldKind
  count: number
  since: string | null
}
