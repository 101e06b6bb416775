import { onScopeDispose, ref } from 'vue'

export type LiveState = 'connecting' | 'live' | 'offline'

const SETTLE_MS = 1_200
const POLL_MS = 30_000
const RECONNECT_MS = 15_000

/**
 * Server-sent events while they come, polling while they do not. Bursts are gathered: an import of a hundred cases
 * must not make every desk ask a hundred times.
 */
export function useLive(changed: () => void) {
  const state = ref<LiveState>('connecting')
  let source: EventSource | null = null
  let settling: ReturnType<typeof setTimeout> | undefined
  let reconnecting: ReturnType<typeof setTimeout> | undefined

  function announce(): void {
    clearTimeout(settling)
    settling = setTimeout(changed, SETTLE_MS)
  }
  function up(): void {
    // What happened while the line was down was not sent again: ask once.
    if (state.value === 'offline') announce()
    state.value = 'live'
  }
  function down(): void {
    state.value = 'offline'
    // After an HTTP error the browser gives up for good; a dropped line it mends itself.
    if (source?.readyState === EventSource.CLOSED) {
      clearTimeout(reconnecting)
      reconnecting = setTimeout(connect, RECONNECT_MS)
    }
  }
  function connect(): void {
    source?.close()
    source = new EventSource('/sse/')
    source.addEventListener('open', up)
    source.addEventListener('hello', up)
    source.addEventListener('case', announce)
    source.addEventListener('error', down)
  }

  connect()
  const polling = setInterval(() => {
    if (state.value !== 'live' && !document.hidden) changed()
  }, POLL_MS)
  onScopeDispose(() => {
    source?.close()
    clearTimeout(settling)
    clearTimeout(reconnecting)
    clearInterval(polling)
  })
  return { state }
}
