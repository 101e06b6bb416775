import { describe, expect, it, vi } from 'vitest'

import { createPhotoUploads } from '@/field/composables/usePhotoUploads'
import { memoryStore } from '@/field/lib/store'
import { ApiError } from '@/shared/api/client'

import { dropped } from './fakes'

const photo = (clientId: string) => ({ clientId, blob: new Blob(['jpeg']) })

describe('photo uploads', () => {
  it('send each photo under its own id and then forget it', async () => {
    const store = memoryStore()
    const send = vi.fn().mockResolvedValue({})
    const uploads = createPhotoUploads(async () => store, send)
    await uploads.add('1', '42', [photo('a'), photo('b')])
    expect(send.mock.calls.map(([caseId, clientId]) => [caseId, clientId])).toEqual([['42', 'a'], ['42', 'b']])
    expect(uploads.unsent.value).toBe(0)
    expect(await store.waitingPhotos('1')).toEqual([])
  })

  it('keep a failed photo visible and on the phone, and send it under the same id later', async () => {
    const store = memoryStore()
    const send = vi.fn().mockRejectedValueOnce(dropped()).mockResolvedValue({})
    const uploads = createPhotoUploads(async () => store, send)
    await uploads.add('1', '42', [photo('a')])
    expect(uploads.uploads.value[0]?.state).toBe('failed')
    expect(await store.waitingPhotos('1')).toHaveLength(1)
    await uploads.retryFailed()
    expect(uploads.uploads.value[0]?.state).toBe('done')
    expect(send.mock.calls.map(([, clientId]) => clientId)).toEqual(['a', 'a'])
  })

  it('go on after the app was closed', async () => {
    const store = memoryStore()
    await store.addPhotos([{ clientId: 'a', owner: '1', caseId: '42', blob: new Blob() }])
    const send = vi.fn().mockResolvedValue({})
    await createPhotoUploads(async () => store, send).resume('1')
    expect(send).toHaveBeenCalledOnce()
  })

  it('leave another person’s photos alone', async () => {
    const store = memoryStore()
    await store.addPhotos([{ clientId: 'a', owner: '2', caseId: '42', blob: new Blob() }])
    const send = vi.fn()
    await createPhotoUploads(async () => store, send).resume('1')
    expect(send).not.toHaveBeenCalled()
  })

  it('show a refused photo with the reason and do not try it for ever', async () => {
    const send = vi.fn().mockRejectedValue(new ApiError(400, 'invalid', '文件太大'))
    const uploads = createPhotoUploads(async () => memoryStore(), send)
    await uploads.add('1', '42', [photo('a')])
    await uploads.retryFailed()
    expect(uploads.uploads.value[0]).toMatchObject({ state: 'refused', reason: '文件太大' })
    expect(send).toHaveBeenCalledOnce()
  })

  it('wait for the next sign-in when the session is over', async () => {
    const uploads = createPhotoUploads(async () => memoryStore(), vi.fn().mockRejectedValue(new ApiError(401, 'not_authenticated', '')))
    await uploads.add('1', '42', [photo('a')])
    expect(uploads.uploads.value[0]?.state).toBe('failed')
  })
})
