import 'fake-indexeddb/auto'

import Dexie from 'dexie'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import { useAct } from '@/field/composables/useAct'
import { isFull, sentenceFor } from '@/field/lib/errors'
import { FieldDatabase } from '@/field/offline/database'
import { keepAct, keepFiles, keepReport } from '@/field/offline/doing'
import { flush, itemsOf, unsentOf } from '@/field/offline/outbox'
import { keepOr, tight } from '@/field/offline/room'
import type { Act, CaseDetail } from '@/shared/api/types'

import { dropped } from './fakes'

const REPORT = { client_id: 'r1', category: 'C01', description: '垃圾堆放', reported_at: '2026-11-25T02:00:00Z' }
const photo = (clientId: string) => ({ clientId, blob: new Blob(['jpeg']) })
const detail = (more: object = {}) =>
  ({ id: 7, client_id: 'r1', version: 3, state: 'assigned', lead_org: null, assignee: null, acts: [], reporter: { id: 9, name: '阿珍' }, ...more }) as unknown as CaseDetail
const act = (name: string) => ({ act: name, name, primary: true, fields: [{ name: 'text' }] }) as unknown as Act
const full = () => new DOMException('', 'QuotaExceededError')

let database: FieldDatabase
let isOut = false
/** From here on the phone has no room: nothing can be written, only deleted. */
const fill = () => (isOut = true)
const states = async () => (await itemsOf(database, '1')).map((item) => [item.id, item.state])

beforeEach(() => {
  isOut = false
  tight.value = false
  database = new FieldDatabase(`test-${Math.random()}`)
  const refuse = () => {
    if (isOut) throw full()
  }
  for (const table of database.tables) {
    table.hook('creating', refuse)
    table.hook('updating', refuse)
  }
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  database.close()
  await Dexie.delete(database.name)
})

describe('a phone without room', () => {
  it('sends all it holds once and lets go of it, each thing with what came of the one before', async () => {
    const order: string[] = []
    vi.spyOn(calls, 'report').mockImplementation(async () => (order.push('report'), detail({ version: 1 })))
    vi.spyOn(calls, 'upload').mockImplementation(async (id, client) => (order.push(`file ${client} of ${id}`), {} as never))
    const send = vi.spyOn(calls, 'act').mockImplementation(async (_id, name) => detail({ version: name === 'acknowledge' ? 4 : 5 }))
    await keepReport(database, '1', REPORT, [photo('p1')])
    await keepAct(database, '1', detail({ id: 8, client_id: 'c8' }), act('acknowledge'), 'a1', {})
    await keepAct(database, '1', detail({ id: 8, client_id: 'c8' }), act('feedback'), 'a2', { text: '已清运' })
    fill()
    expect(await flush(database, '1')).toBe('empty')
    expect(order).toEqual(['report', 'file p1 of 7'])
    expect(send.mock.calls.map(([id, name, body]) => [id, name, body.version])).toEqual([['8', 'acknowledge', 3], ['8', 'feedback', 4]])
    expect([await database.outbox.count(), await database.blobs.count(), tight.value]).toEqual([0, 0, true])
    await flush(database, '1')
    expect([order.length, send.mock.calls.length]).toEqual([2, 2])
  })

  it('keeps what others still lean on: killed now, it would be sent once more with its own id', async () => {
    const report = vi.spyOn(calls, 'report').mockResolvedValue(detail())
    vi.spyOn(calls, 'upload').mockRejectedValue(dropped())
    await keepReport(database, '1', REPORT, [photo('p1')])
    fill()
    expect(await flush(database, '1')).toBe('offline')
    expect(await states()).toEqual([['r1', 'waiting'], ['p1', 'waiting']])
    // As long as the app is open it is not.
    await flush(database, '1')
    expect(report).toHaveBeenCalledTimes(1)
  })

  it('notes what had arrived as soon as there is room again', async () => {
    vi.spyOn(calls, 'report').mockResolvedValue(detail())
    vi.spyOn(calls, 'upload').mockRejectedValueOnce(dropped()).mockResolvedValue({} as never)
    await keepReport(database, '1', { ...REPORT, client_id: 'r3' }, [photo('p3')])
    fill()
    await flush(database, '1')
    isOut = false
    expect(await flush(database, '1')).toBe('empty')
    expect(await states()).toEqual([['r3', 'done'], ['p3', 'done']])
    expect((await itemsOf(database, '1')).map((item) => item.caseId)).toEqual([7, 7])
  })

  it('does not let go of what came too late: its author has to hear of the decision', async () => {
    const send = vi.spyOn(calls, 'act').mockResolvedValue({ conflict: { reason_name: '案件已变动' } } as never)
    await keepAct(database, '1', detail({ client_id: 'c9' }), act('verify'), 'a9', {})
    fill()
    await flush(database, '1')
    await flush(database, '1')
    expect(send).toHaveBeenCalledTimes(1)
    isOut = false
    await flush(database, '1')
    expect(await itemsOf(database, '1')).toMatchObject([{ state: 'conflict', reason: '案件已变动' }])
    expect(unsentOf(await itemsOf(database, '1'))).toHaveLength(1)
  })

  it('does not try the same thing over and over when it cannot note that it failed', async () => {
    const upload = vi.spyOn(calls, 'upload').mockRejectedValue(new Error('broke off'))
    await keepFiles(database, '1', detail({ client_id: 'c5' }), [photo('p5')])
    fill()
    expect(await flush(database, '1')).toBe('later')
    expect(upload).toHaveBeenCalledTimes(1)
  })

  it('is known by what the browser says, however it was wrapped', () => {
    expect([full(), { name: 'AbortError', inner: full() }, { name: 'BulkError', failures: [full()] }].map(isFull)).toEqual([true, true, true])
    expect([new Error('other'), null, undefined, { name: 'AbortError', inner: null }].map(isFull)).toEqual([false, false, false, false])
    expect(sentenceFor({ name: 'AbortError', inner: full() }, (key) => key)).toBe('field.error.full')
  })
})

describe('something new on a phone without room', () => {
  const directly = vi.fn(async () => 'sent')
  beforeEach(() => directly.mockClear())

  it('is sent at once where there is a net', async () => {
    expect(await keepOr(() => Promise.reject(full()), directly)).toBe('sent')
    expect(tight.value).toBe(true)
  })

  it('is not given up silently where there is none', async () => {
    vi.stubGlobal('navigator', { onLine: false })
    await expect(keepOr(() => Promise.reject(full()), directly)).rejects.toThrow()
    expect(directly).not.toHaveBeenCalled()
  })

  it('is sent past the store for no other reason', async () => {
    await expect(keepOr(() => Promise.reject(new Error('other')), directly)).rejects.toThrow('other')
    expect(directly).not.toHaveBeenCalled()
  })

  it('an act keeps its words and says that there is no room, also when the net is none', async () => {
    const send = vi.fn().mockRejectedValueOnce(dropped()).mockResolvedValue(detail({ version: 4 }))
    const form = useAct(detail(), act('comment'), '1', send, async () => database)
    form.values.text = '现场已看过'
    fill()
    expect(await form.submit(detail())).toBeNull()
    expect([form.state.value, form.values.text]).toEqual(['full', '现场已看过'])
    expect(await form.submit(detail())).toMatchObject({ state: 'done' })
    expect(send.mock.calls.map(([, , body]) => body.client_id)[0]).toBe(send.mock.calls[1]![2].client_id)
  })
})
