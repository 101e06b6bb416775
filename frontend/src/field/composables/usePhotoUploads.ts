import { computed, ref } from 'vue'

import { ApiError } from '@/shared/api/client'

import { calls } from '../api'
import { isUnanswered } from '../lib/errors'
import type { LocalPhoto } from '../lib/photo'
import { fieldStore, type FieldStore, type WaitingPhoto } from '../lib/store'

export type UploadState = 'waiting' | 'sending' | 'failed' | 'refused' | 'done'
export interface Upload extends WaitingPhoto {
  state: UploadState
  reason: string
}

type Send = (caseId: string, clientId: string, blob: Blob) => Promise<unknown>

/** Signed out or too fast is no refusal of the photo: it goes on later. */
function mayPassLater(failure: unknown): boolean {
  return isUnanswered(failure) || (failure instanceof ApiError && [401, 429].includes(failure.status))
}

/** Sends the waiting photos one at a time: a weak signal carries one better than six. */
function createRunner(uploads: { value: Upload[] }, send: Send, sent: (clientId: string) => Promise<void>) {
  let running = false

  async function sendOne(upload: Upload): Promise<void> {
    upload.state = 'sending'
    try {
      await send(upload.caseId, upload.clientId, upload.blob)
      upload.state = 'done'
      await sent(upload.clientId)
    } catch (failure) {
      upload.state = mayPassLater(failure) ? 'failed' : 'refused'
      upload.reason = failure instanceof ApiError ? failure.message : ''
    }
  }

  const waiting = () => uploads.value.find((upload) => upload.state === 'waiting')

  return async function run(): Promise<void> {
    if (running) return
    running = true
    for (let next = waiting(); next; next = waiting()) await sendOne(next)
    running = false
  }
}

/** Photos on their way to cases the server knows; what is not sent yet is also on the disk. */
export function createPhotoUploads(openStore: () => Promise<FieldStore>, send: Send) {
  const uploads = ref<Upload[]>([])
  const drop = async (clientId: string) => (await openStore()).removePhoto(clientId).catch(() => undefined)
  const run = createRunner(uploads, send, drop)

  function show(photo: WaitingPhoto): void {
    const known = uploads.value.some((upload) => upload.clientId === photo.clientId)
    if (!known) uploads.value.push({ ...photo, state: 'waiting', reason: '' })
  }

  async function retryFailed(): Promise<void> {
    for (const upload of uploads.value) if (upload.state === 'failed') upload.state = 'waiting'
    await run()
  }

  /** Takes up what an earlier visit left behind; another person's photos stay out of sight. */
  async function resume(owner: string): Promise<void> {
    const kept = await (await openStore()).waitingPhotos(owner).catch(() => [])
    uploads.value = uploads.value.filter((upload) => upload.owner === owner)
    kept.forEach(show)
    await retryFailed()
  }

  async function add(owner: string, caseId: string, photos: LocalPhoto[]): Promise<void> {
    const list = photos.map(({ clientId, blob }) => ({ clientId, owner, caseId, blob }))
    await (await openStore()).addPhotos(list).catch(() => undefined)
    list.forEach(show)
    await run()
  }

  async function discard(clientId: string): Promise<void> {
    uploads.value = uploads.value.filter((upload) => upload.clientId !== clientId)
    await drop(clientId)
  }

  const unsent = computed(() => uploads.value.filter((upload) => upload.state !== 'done').length)
  const forCase = (caseId: string) => uploads.value.filter((upload) => upload.caseId === caseId)
  return { uploads, unsent, forCase, resume, retryFailed, add, discard }
}

const shared = createPhotoUploads(fieldStore, calls.upload)
export const usePhotoUploads = () => shared
