import { ref } from 'vue'

import { api } from '@/shared/api/client'
import type { Listing, ReplyText } from '@/shared/api/types'

/** What is in the field after a standard text was chosen: never instead of what was typed. */
export function withText(typed: string, chosen: string): string {
  const kept = typed.trimEnd()
  if (!kept) return chosen
  return kept.includes(chosen) ? typed : `${kept}\n${chosen}`
}

/** The standard texts of an act, the nearest category first. Without a net there are none, and nothing is lost. */
export function useReplyTexts() {
  const texts = ref<string[]>([])
  let turn = 0
  async function load(act: string, category: string): Promise<void> {
    const mine = ++turn
    texts.value = []
    try {
      const answer = await api.get<Listing<ReplyText>>('reply-texts/', { act, category })
      if (mine === turn) texts.value = answer.results.map((one) => one.text)
    } catch {
      // As said above: they only save typing.
    }
  }
  return { texts, load }
}
