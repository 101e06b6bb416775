import { shallowRef } from 'vue'

/** Chromium asks whether it may offer to install; other browsers have it in their menu only. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>
  readonly userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>
}

const offered = shallowRef<InstallPrompt | null>(null)

/** Once, before the app is mounted: the browser says it only once, and early. */
export function watchInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    // Without this the browser shows a bar of its own over the report button.
    event.preventDefault()
    offered.value = event as InstallPrompt
  })
  window.addEventListener('appinstalled', () => (offered.value = null))
}

export const installOffer = offered

/** True when the person agreed. The offer can be used once. */
export async function install(): Promise<boolean> {
  const offer = offered.value
  offered.value = null
  await offer?.prompt()
  return (await offer?.userChoice)?.outcome === 'accepted'
}
