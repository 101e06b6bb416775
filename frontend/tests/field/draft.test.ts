import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useReportDraft } from '@/field/composables/useReportDraft'
import { emptyDraft, plainDraft, toPayload } from '@/field/lib/draft'
import { memoryStore, type FieldStore } from '@/field/lib/store'

const photo = (clientId: string) => ({ clientId, blob: new Blob(['jpeg'], { type: 'image/jpeg' }) })

describe('the draft', () => {
  let store: FieldStore
  beforeEach(() => {
    vi.useFakeTimers()
    store = memoryStore()
  })
  afterEach(() => vi.useRealTimers())

  it('comes back with words, category, photos and the same UUID', async () => {
    const first = useReportDraft(store, '1')
    await first.load()
    Object.assign(first.draft, { description: '垃圾堆放', category: 'C01' })
    first.draft.photos.push(photo('p1'))
    await nextTick()
    await vi.advanceTimersByTimeAsync(400)

    const second = useReportDraft(store, '1')
    await second.load()
    expect(second.restored.value).toBe(true)
    expect(second.draft).toMatchObject({ clientId: first.draft.clientId, description: '垃圾堆放', category: 'C01' })
    expect(second.draft.photos.map(({ clientId }) => clientId)).toEqual(['p1'])
  })

  it('remembers that the matter was solved on the spot, also with nothing else written yet', async () => {
    const first = useReportDraft(store, '1')
    await first.load()
    first.draft.selfHandled = true
    await nextTick()
    await vi.advanceTimersByTimeAsync(400)

    const second = useReportDraft(store, '1')
    await second.load()
    expect(second.draft.selfHandled).toBe(true)
    expect(toPayload(second.draft)).toMatchObject({ self_handled: true })
  })

  it('says nothing of it when it was not, so that an older attempt stays the same report', () => {
    expect(toPayload(emptyDraft())).not.toHaveProperty('self_handled')
  })

  it('of an older version of the app is taken up as not solved', async () => {
    const { selfHandled: _, ...older } = { ...emptyDraft(), description: '垃圾堆放' }
    await store.saveDraft('1', older as ReturnType<typeof emptyDraft>)
    const form = useReportDraft(store, '1')
    await form.load()
    expect(form.draft).toMatchObject({ description: '垃圾堆放', selfHandled: false })
  })

  it('belongs to one person: a phone that is passed on shows nothing', async () => {
    await store.saveDraft('1', { ...emptyDraft(), description: '垃圾堆放' })
    const other = useReportDraft(store, '2')
    await other.load()
    expect(other.draft.description).toBe('')
    expect(other.restored.value).toBe(false)
  })

  it('says so when the phone is full instead of losing it silently', async () => {
    const full: FieldStore = { ...store, durable: true, saveDraft: () => Promise.reject(new DOMException('', 'QuotaExceededError')) }
    const form = useReportDraft(full, '1')
    await form.load()
    form.draft.description = '垃圾堆放'
    await form.flush()
    expect(form.saveState.value).toBe('failed')
  })

  it('says so when the browser keeps nothing', async () => {
    const form = useReportDraft(store, '1')
    await form.load()
    form.draft.description = '垃圾堆放'
    await form.flush()
    expect(form.saveState.value).toBe('memory')
  })

  it('is written no more once it is on its way, and again when it came back', async () => {
    const form = useReportDraft(store, '1')
    await form.load()
    form.draft.description = '垃圾堆放'
    form.draft.photos.push(photo('p1'))
    await form.flush()
    form.confirm()
    await store.removeDraft('1')
    await form.flush()
    expect(await store.loadDraft('1')).toBeNull()
    await form.release()
    expect(await store.loadDraft('1')).toMatchObject({ description: '垃圾堆放', photos: [{ clientId: 'p1' }] })
  })

  it('joins what was entered before the phone had found it, and loses nothing of either', async () => {
    await store.saveDraft('1', { ...emptyDraft(), description: '垃圾堆放', photos: [photo('p1')], category: 'C01' })
    let found: (store: FieldStore) => void = () => undefined
    const form = useReportDraft(new Promise<FieldStore>((done) => (found = done)), '1')
    const loading = form.load()
    form.draft.description = '桥边'
    form.draft.photos.push(photo('p2'))
    await vi.advanceTimersByTimeAsync(400)
    expect(await store.loadDraft('1')).toMatchObject({ description: '垃圾堆放' })
    found(store)
    await loading
    expect(form.draft).toMatchObject({ description: '垃圾堆放\n桥边', category: 'C01' })
    expect(form.draft.photos.map(({ clientId }) => clientId)).toEqual(['p1', 'p2'])
    expect(await store.loadDraft('1')).toMatchObject({ description: '垃圾堆放\n桥边' })
  })

  it('starts over with a new UUID, so that the next report is another report', async () => {
    const form = useReportDraft(store, '1')
    await form.load()
    form.draft.description = '垃圾堆放'
    await form.flush()
    const before = form.draft.clientId
    await form.discard()
    expect(form.draft.clientId).not.toBe(before)
    expect(await store.loadDraft('1')).toBeNull()
  })

  it('is copied without proxies, which a phone database cannot clone', () => {
    const draft = { ...emptyDraft(), photos: [photo('p1')], place: { kind: 'cell' as const, code: '1', name: 'x' } }
    expect(() => structuredClone(plainDraft(draft))).not.toThrow()
  })
})
