import { onBeforeUnmount, shallowRef, watch } from 'vue'

interface Pictured {
  clientId: string
  blob: Blob
}

/** Object URLs for photos on the phone, released when a photo or the screen goes. */
export function usePreviews(photos: () => readonly Pictured[]) {
  const urls = new Map<string, string>()
  const previews = shallowRef<{ clientId: string; url: string }[]>([])

  function refresh(): void {
    const list = photos()
    for (const [clientId, url] of urls) {
      if (list.some((photo) => photo.clientId === clientId)) continue
      URL.revokeObjectURL(url)
      urls.delete(clientId)
    }
    previews.value = list.map(({ clientId, blob }) => {
      const url = urls.get(clientId) ?? URL.createObjectURL(blob)
      urls.set(clientId, url)
      return { clientId, url }
    })
  }

  watch(() => photos().map((photo) => photo.clientId).join(), refresh, { immediate: true })
  onBeforeUnmount(() => urls.forEach((url) => URL.revokeObjectURL(url)))
  return previews
}
