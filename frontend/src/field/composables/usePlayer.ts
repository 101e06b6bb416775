import { onBeforeUnmount, ref } from 'vue'

import type { Recording } from '../lib/recording'

/** Plays one voice note at a time, from this phone. */
export function usePlayer() {
  const playing = ref<string | null>(null)
  const failed = ref(false)
  let audio: HTMLAudioElement | null = null
  let url = ''

  function halt(): void {
    audio?.pause()
    audio = null
    if (url) URL.revokeObjectURL(url)
    url = ''
    playing.value = null
  }

  async function toggle(recording: Recording): Promise<void> {
    const again = playing.value === recording.clientId
    halt()
    if (again) return
    failed.value = false
    url = URL.createObjectURL(recording.blob)
    const own = new Audio(url)
    audio = own
    own.onended = halt
    playing.value = recording.clientId
    try {
      await own.play()
    } catch {
      // Stopped meanwhile is no failure.
      if (audio !== own) return
      halt()
      failed.value = true
    }
  }

  onBeforeUnmount(halt)
  return { playing, failed, toggle, halt }
}
