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

/** Photos on their way to cases the server knows, one at a time: a weak signal carries one better than six. */
export function createPhotoUploads(openStore: () => Promise<FieldStore>, send: Send) {
  const uploads = ref<Upload[]>([])
  let running = false

  function show(photo: WaitingPhoto): void {
    if (uploads.value.some((upload) => upload.clientId === photo.clientId)) return
    uploads.value.push({ ...photo, state: 'waiting', reason: '' })
  }

  async function sendOne(upload: Upload): Promise<void> {
    upload.state = 'sending'
    try {
      await send(upload.caseId, upload.clientId, upload.blob)
      upload.state = 'done'
      await (await openStore()).removePhoto(upload.clientId).catch(() => undefined)
    } catch (failure) {
      // Signed out is not a refusal of the photo: it goes on after the next sign-in.
      const later = isUnanswered(failure) || (failure instanceof ApiError && [401, 429].includes(failure.status))
      upload.state = later ? 'failed' : 'refused'
      upload.reason = failure instanceof ApiError ? failure.message : ''
    }
  }

  async function run(): Promise<void> {
    if (running) return
    running = true
    for (let next = waiting(); next; next = waiting()) await sendOne(next)
    running = false
  }
  const waiting = () => uploads.value.find((upload) => upload.state === 'waiting')

  /** Takes up what an earlier visit left behind. */
  async function resume(owner: string): Promise<void> {
    const kept = await (await openStore()).waitingPhotos(owner).catch(() => [])
    uploads.value = uploads.value.filter((upload) => upload.owner === owner)
    kept.forEach(show)
    await retryFailed()
  }

  async function retryFailed(): Promise<void> {
    for (const upload of uploads.value) if (upload.state === 'failed') upload.state = 'waiting'
    await run()
  }

  async function add(owner: string, caseId: string, photos: LocalPhoto[]): Promise<void> {
    const list = photos.map(({ clientId, blob }) => ({ clientId, owner, caseId, blob }))
    await (await openStore()).addPhotos(list).catch(() => undefined)
    list.forEach(show)
    await run()
  }

  async function discard(clientId: string): Promise<void> {
    uploads.value = uploads.value.filter((upload) => upload.clientId !== clientId)
    await (await openStore()).removePhoto(clientId).catch(() => undefined)
  }

  return {
    uploads,
    unsent: computed(() => uploads.value.filter((upload) => upload.state !== 'done').length),
    forCase: (caseId: string) => uploads.value.filter((upload) => upload.caseId === caseId),
    resume,
    retryFailed,
    add,
    discard,
  }
}

const shared = createPhotoUploads(fieldStore, calls.upload)
export const usePhotoUploads = () => shared
