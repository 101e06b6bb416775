import { computed, onBeforeUnmount, ref } from 'vue'

import { makeRecording, MOST_SECONDS, recordingType, type Recording } from '../lib/recording'

export type RecorderProblem = 'refused' | 'missing' | 'failed' | 'empty'
type State = 'idle' | 'asking' | 'recording'

const WHY: Record<string, RecorderProblem> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
}

/** Records from the microphone, at most a minute; hands over what was recorded, also when the page is left meanwhile. */
export function useRecorder(done: (recording: Recording) => void) {
  const state = ref<State>('idle')
  const seconds = ref(0)
  const ended = ref(false)
  const problem = ref<RecorderProblem | null>(null)
  const type = recordingType()
  let recorder: MediaRecorder | null = null
  let timer = 0
  let gone = false

  async function start(): Promise<void> {
    if (!type || state.value !== 'idle') return
    problem.value = null
    ended.value = false
    state.value = 'asking'
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
      if (gone) release(stream)
      else record(stream, type)
    } catch (error) {
      fail(WHY[(error as Error).name] ?? 'failed')
    }
  }

  function record(stream: MediaStream, mimeType: string): void {
    const parts: Blob[] = []
    const begun = performance.now()
    try {
      recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 })
      recorder.ondataavailable = ({ data }) => void (data.size && parts.push(data))
      recorder.onerror = () => stop()
      recorder.onstop = () => finish(stream, parts, (performance.now() - begun) / 1000)
      // In pieces: what a killed recorder had so far is not lost.
      recorder.start(1000)
    } catch {
      release(stream)
      fail('failed')
      return
    }
    state.value = 'recording'
    seconds.value = 0
    timer = window.setInterval(() => tick(begun), 250)
  }

  function tick(begun: number): void {
    seconds.value = Math.floor((performance.now() - begun) / 1000)
    if (seconds.value < MOST_SECONDS) return
    ended.value = true
    stop()
  }

  function stop(): void {
    window.clearInterval(timer)
    if (recorder && recorder.state !== 'inactive') recorder.stop()
  }

  function finish(stream: MediaStream, parts: Blob[], took: number): void {
    window.clearInterval(timer)
    release(stream)
    // The bare type: a blob kept in IndexedDB and sent by a form needs no codec.
    const blob = new Blob(parts, { type: (recorder?.mimeType || type || '').split(';')[0] })
    recorder = null
    state.value = 'idle'
    if (blob.size) done(makeRecording(blob, Math.min(MOST_SECONDS, Math.max(1, Math.round(took)))))
    else problem.value = 'empty'
  }

  function release(stream: MediaStream): void {
    for (const track of stream.getTracks()) track.stop()
  }

  function fail(why: RecorderProblem): void {
    state.value = 'idle'
    problem.value = why
  }

  onBeforeUnmount(() => {
    gone = true
    stop()
  })

  return { able: computed(() => type !== null), state, seconds, ended, problem, start, stop }
}
