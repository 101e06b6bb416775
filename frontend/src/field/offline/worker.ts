/** Puts the app itself on the phone, where the browser can: it then opens without signal. */
export function holdApp(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  window.addEventListener('load', () => void navigator.serviceWorker.register('/m/sw.js', { scope: '/m/' }).catch(() => undefined))
  // A part of an older edition is gone: the new one is there already, and what was written is in the store.
  window.addEventListener('vite:preloadError', (event) => {
    // Without signal there is nothing to load again, only the browser's own page.
    if (!navigator.onLine) return
    event.preventDefault()
    window.location.reload()
  })
}

/** Asks the browser not to clear the store when room runs short; it may say no. */
export async function askToStay(): Promise<void> {
  if (await navigator.storage?.persisted?.().catch(() => true)) return
  await navigator.storage?.persist?.().catch(() => false)
}
