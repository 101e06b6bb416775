import { ref } from 'vue'

import { useSession } from '@/shared/session'

import { isWorthKeeping } from '../lib/draft'
import { fieldStore } from '../lib/store'

/** Whether an unsent report waits on this phone. */
export function useHasDraft() {
  const hasDraft = ref(false)
  const { user } = useSession()

  async function look(): Promise<boolean> {
    const kept = user.value ? await (await fieldStore()).loadDraft(String(user.value.id)).catch(() => null) : null
    hasDraft.value = kept !== null && isWorthKeeping(kept)
    return hasDraft.value
  }

  return { hasDraft, look }
}
