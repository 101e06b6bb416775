import { ref } from 'vue'

const text = ref('')
const SHOWN_FOR = 5_000
let timer: ReturnType<typeof setTimeout> | undefined

/** One short sentence above the tab bar, read out by screen readers. */
export function useNotice() {
  function say(sentence: string): void {
    clearTimeout(timer)
    text.value = sentence
    timer = setTimeout(() => (text.value = ''), SHOWN_FOR)
  }
  return { text, say }
}
