import { computed } from 'vue'

import { useSession } from '@/shared/session'

import { note } from '../offline/db'
import { useLive } from '../offline/live'
import type { Synced } from '../offline/sync'

const HOUR = 3_600_000

/** When the phone was last up to date, and by how many hours its clock is wrong (0: near enough). */
export function useSynced() {
  const { user } = useSession()
  const owner = () => String(user.value?.id ?? '')
  const synced = useLive<Synced | null>(owner, (database) => note<Synced>(database, `synced:${owner()}`), null)
  const clockOff = computed(() => Math.round(Math.abs(synced.value?.clockOff ?? 0) / HOUR))
  return { synced, clockOff }
}
