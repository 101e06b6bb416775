import { onMounted, onScopeDispose, readonly, ref } from 'vue'

import { drawn } from '../lib/breath'

/**
 * Counts from 0 to `last`, a step after each drawing: a long page is put up piece by piece, so that its first piece
 * can be read and tapped while a slow phone still makes the rest.
 */
export function useSteps(last: number) {
  const step = ref(0)
  let gone = false
  onScopeDispose(() => (gone = true))
  onMounted(async () => {
    while (step.value < last) {
      await drawn()
      if (gone) return
      step.value++
    }
  })
  return readonly(step)
}
