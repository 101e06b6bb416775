import { onScopeDispose, ref } from 'vue'

/** Whether the screen is a phone's: tables become cards below this width. */
export function useNarrow() {
  const media = window.matchMedia('(max-width: 760px)')
  const narrow = ref(media.matches)
  const update = (): void => {
    narrow.value = media.matches
  }
  media.addEventListener('change', update)
  onScopeDispose(() => media.removeEventListener('change', update))
  return { narrow }
}
