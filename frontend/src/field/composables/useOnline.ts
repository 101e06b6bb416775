import { ref } from 'vue'

const online = ref(navigator.onLine)
const returned = new Set<() => void>()

window.addEventListener('offline', () => (online.value = false))
window.addEventListener('online', () => {
  online.value = true
  returned.forEach((callback) => callback())
})

export function useOnline() {
  return { online, onReturn: (callback: () => void) => void returned.add(callback) }
}
