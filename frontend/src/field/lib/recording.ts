import { newId } from '@/shared/newId'

/** A voice note that is not sent yet. */
export interface Recording {
  clientId: string
  blob: Blob
  kind: 'audio'
  /** Null: the phone cannot tell how long a chosen file is. */
  seconds: number | null
}

export const MOST_SECONDS = 60
export const MOST_RECORDINGS = 3
/** The server takes no larger ones, as it is delivered (AUDIO_MAX_MB). */
export const MOST_MB = 10

// AAC is heard on every desk; then what the browser has. Uncompressed sound is left out: it would be 6 MB a minute.
const TYPES = ['audio/mp4;codecs=mp4a.40.2', 'audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4', 'audio/webm']

/** The type to record in, or null where this browser cannot record (old ones, in-app pages, a page without TLS). */
export function recordingType(): string | null {
  if (typeof MediaRecorder === 'undefined' || !navigator.mediaDevices?.getUserMedia) return null
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? null
}

export function makeRecording(blob: Blob, seconds: number | null): Recording {
  return { clientId: newId(), blob, kind: 'audio', seconds }
}

export type Trouble = 'notSound' | 'tooLarge'

/** What keeps a chosen file from being added. Without a type the server decides, by what is in it. */
export function troubleWith(file: File): Trouble | null {
  if (file.type && !/^(audio|video)\//.test(file.type)) return 'notSound'
  return file.size > MOST_MB * 1024 * 1024 ? 'tooLarge' : null
}
