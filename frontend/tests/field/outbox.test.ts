import 'fake-indexeddb/auto'

import Dexie from 'dexie'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import { FieldDatabase } from '@/field/offline/database'
import { actsAfter, keepAct, keepFiles, keepReport, laneOf, waitingActs } from '@/field/offline/doing'
import { correct, discard, flush, hurry, itemsOf, keep, tidy, unsentOf } from '@/field/offline/outbox'
import { watching } from '@/field/offline/kinds'
import { download } from '@/field/offline/sync'
import { ApiError } from '@/shared/api/client'
import type { Act, CaseDetail } from '@/shared/api/types'

import { dropped } from './fakes'

const REPORT = { client_id: 'r1', category: 'C01', description: '垃圾堆放', reported_at: '2026-11-25T02:00:00Z' }
const photo = (clientId: string) => ({ clientId, blob: new Blob(['jpeg']) })
const detail = (more: object = {}) =>
  ({ id: 7, client_id: 'r1', version: 3, state: 'assigned', lead_org: null, assignee: null, acts: [], reporter: { id: 9, name: '阿珍' }, ...more }) as unknown as CaseDetail
const act = (name: string) => ({ act: name, name, primary: true, fields: [] }) as unknown as Act
const refused = () => new ApiError(400, 'invalid', '请换一个类别', 'category', [{ code: 'invalid', message: '请换一个类别', field: 'category' }])

let database: FieldDatabase
const states = async () => (await itemsOf(database, '1')).map((item) => [item.id, item.state])

beforeEach(() => {
  database = new FieldDatabase(`test-${Math.random()}`)
})
afterEach(async () => {
  vi.restoreAllMocks()
  database.close()
  await Dexie.delete(database.name)
})

describe('what is kept', () => {
  it('is there with its photos, and the draft is gone, in one step', async () => {
    await database.drafts.put({ clientId: 'r1' } as never, '1')
    await keepReport(database, '1', REPORT, [photo('p1'), photo('p2')])
    expect(await states()).toEqual([['r1', 'waiting'], ['p1', 'waiting'], ['p2', 'waiting']])
    expect(await database.blobs.count()).toBe(2)
    expect(await database.drafts.count()).toBe(0)
  })

  it('is all there or nothing: with no room left the draft stays', async () => {
    await database.drafts.put({ clientId: 'r1' } as never, '1')
    vi.spyOn(database.blobs, 'bulkAdd').mockRejectedValue(new DOMException('full', 'QuotaExceededError'))
    await expect(keepReport(database, '1', REPORT, [photo('p1')])).rejects.toThrow()
    expect(await states()).toEqual([])
    expect(await database.drafts.count()).toBe(1)
  })

  it('survives the page: another one finds it', async () => {
    await keepReport(database, '1', REPORT, [photo('p1')])
    database.close()
    const again = new FieldDatabase(database.name)
    expect((await itemsOf(again, '1')).map((item) => item.id)).toEqual(['r1', 'p1'])
    again.close()
  })

  it('is kept once: the same id is refused', async () => {
    await keepReport(database, '1', REPORT, [])
    await expect(keepReport(database, '1', REPORT, [])).rejects.toThrow()
  })
})

describe('sending', () => {
  it('brings the report first and then its photos to the number it was given', async () => {
    const order: string[] = []
    vi.spyOn(calls, 'report').mockImplementation(async () => (order.push('report'), detail()))
    vi.spyOn(calls, 'upload').mockImplementation(async (caseId, clientId) => (order.push(`${caseId}/${clientId}`), {} as never))
    await keepReport(database, '1', REPORT, [photo('p1'), photo('p2')])
    expect(await flush(database, '1')).toBe('empty')
    expect(order).toEqual(['report', '7/p1', '7/p2'])
    expect(await database.blobs.count()).toBe(0)
  })

  it('keeps everything without signal, and tries again with the very same words', async () => {
    const report = vi.spyOn(calls, 'report').mockRejectedValueOnce(dropped()).mockResolvedValue(detail())
    await keepReport(database, '1', REPORT, [])
    expect(await flush(database, '1')).toBe('offline')
    expect(await states()).toEqual([['r1', 'waiting']])
    expect(await flush(database, '1')).toBe('empty')
    expect(report.mock.calls[0]).toEqual(report.mock.calls[1])
  })

  it('waits for a new sign-in and refuses nothing', async () => {
    vi.spyOn(calls, 'report').mockRejectedValue(new ApiError(401, 'not_authenticated', ''))
    await keepReport(database, '1', REPORT, [])
    expect(await flush(database, '1')).toBe('signed-out')
    expect(await states()).toEqual([['r1', 'waiting']])
  })

  it('lets a broken server rest a while and goes on with other cases meanwhile', async () => {
    const report = vi.spyOn(calls, 'report').mockRejectedValueOnce(new ApiError(502, 'http_502', '')).mockResolvedValue(detail({ id: 8, client_id: 'r2' }))
    await keepReport(database, '1', REPORT, [])
    await keepReport(database, '1', { ...REPORT, client_id: 'r2' }, [])
    expect(await flush(database, '1')).toBe('later')
    expect(await states()).toEqual([['r1', 'waiting'], ['r2', 'done']])
    expect(report).toHaveBeenCalledTimes(2)
    await hurry(database, '1')
    expect(await flush(database, '1')).toBe('empty')
  })

  it('takes no no from strangers: a net in between, or an answer that broke off', async () => {
    vi.spyOn(calls, 'report').mockRejectedValueOnce(new ApiError(403, 'http_403', '')).mockResolvedValue(detail())
    await keepReport(database, '1', REPORT, [])
    expect(await flush(database, '1')).toBe('later')
    await hurry(database, '1')
    expect(await flush(database, '1')).toBe('empty')
  })

  it('keeps a refused one with the reason, holds back what was built on it, and sends the rest', async () => {
    vi.spyOn(calls, 'report').mockImplementation(async (body) => {
      if (body.client_id === 'r1') throw refused()
      return detail({ id: 8, client_id: 'r2' })
    })
    const upload = vi.spyOn(calls, 'upload').mockResolvedValue({} as never)
    await keepReport(database, '1', REPORT, [photo('p1')])
    await keepReport(database, '1', { ...REPORT, client_id: 'r2' }, [])
    await flush(database, '1')
    expect(await states()).toEqual([['r1', 'refused'], ['p1', 'waiting'], ['r2', 'done']])
    expect((await itemsOf(database, '1'))[0]).toMatchObject({ reason: '请换一个类别', errors: [{ field: 'category' }] })
    expect(upload).not.toHaveBeenCalled()
  })

  it('sends a refused one again once it was corrected', async () => {
    const report = vi.spyOn(calls, 'report').mockRejectedValueOnce(refused()).mockResolvedValue(detail())
    await keepReport(database, '1', REPORT, [])
    await flush(database, '1')
    await correct(database, 'r1', { ...REPORT, category: 'C02' })
    await flush(database, '1')
    expect(report.mock.calls[1]![0]).toMatchObject({ client_id: 'r1', category: 'C02' })
    expect(await states()).toEqual([['r1', 'done']])
  })

  it('takes a report out with its photos', async () => {
    await keepReport(database, '1', REPORT, [photo('p1')])
    await discard(database, 'r1')
    expect(await states()).toEqual([])
    expect(await database.blobs.count()).toBe(0)
  })

  it('leaves what another person of this phone did alone', async () => {
    const report = vi.spyOn(calls, 'report').mockResolvedValue(detail())
    await keepReport(database, '2', REPORT, [])
    expect(await flush(database, '1')).toBe('empty')
    expect(report).not.toHaveBeenCalled()
  })
})

describe('acts on one case', () => {
  it('go in their order, and the second carries the version that the first one made', async () => {
    const send = vi.spyOn(calls, 'act').mockImplementation(async (_id, name) => detail({ version: name === 'acknowledge' ? 4 : 5 }))
    await keepAct(database, '1', detail(), act('acknowledge'), 'a1', {})
    await keepAct(database, '1', detail(), act('feedback'), 'a2', { text: '已清运' })
    await flush(database, '1')
    expect(send.mock.calls.map(([, name, body]) => [name, body.version, body.client_id])).toEqual([
      ['acknowledge', 3, 'a1'],
      ['feedback', 4, 'a2'],
    ])
  })

  it('say what was seen and when it was done, and that they are not to be thrown away once they had to wait', async () => {
    const send = vi.spyOn(calls, 'act').mockRejectedValueOnce(dropped()).mockResolvedValue(detail())
    await keepAct(database, '1', detail({ assignee: { id: 5, name: '' } }), act('verify'), 'a1', { passed: true })
    await watching('a1', () => flush(database, '1'))
    await watching('a1', () => flush(database, '1'))
    expect(send.mock.calls[0]![2]).toMatchObject({ seen: { state: 'assigned', lead_org: null, assignee: 5 }, passed: true })
    expect(send.mock.calls[0]![2].kept).toBeUndefined()
    expect(send.mock.calls[1]![2]).toMatchObject({ kept: true, client_id: 'a1' })
  })

  it('are thrown away only before the eyes of whoever waits for the answer', async () => {
    const send = vi.spyOn(calls, 'act').mockResolvedValue(detail())
    await keepAct(database, '1', detail(), act('comment'), 'a1', {})
    await watching('a1', () => flush(database, '1'))
    await keepAct(database, '1', detail(), act('comment'), 'a2', {})
    await flush(database, '1')
    expect(send.mock.calls.map(([, , body]) => body.kept)).toEqual([undefined, true])
  })

  it('say which others they were built upon: the phone cannot know how those end', async () => {
    const send = vi.spyOn(calls, 'act').mockResolvedValueOnce({ conflict: { reason_name: '案件已变动' } } as never).mockResolvedValue(detail())
    for (const [name, id] of [['acknowledge', 'a1'], ['comment', 'a2'], ['feedback', 'a3']] as const) {
      await keepAct(database, '1', detail(), act(name), id, {})
    }
    await flush(database, '1')
    expect(send.mock.calls.map(([, , body]) => body.after)).toEqual([undefined, ['a1'], ['a1', 'a2']])
  })

  it('change the case on the phone at once: it is not offered again while the signal is gone', async () => {
    vi.spyOn(calls, 'act').mockResolvedValue(detail({ version: 4, state: 'processing', acts: [act('feedback')] }))
    await database.cases.put({ owner: '1', id: 7, count: 3, language: 'zh-hans', heldAt: 0, detail: detail({ acts: [act('acknowledge')] }), events: [], then: {} })
    await keepAct(database, '1', detail(), act('acknowledge'), 'a1', {})
    await flush(database, '1')
    const [held] = await database.cases.toArray()
    expect([held!.count, held!.detail.version, held!.detail.acts.map((one) => one.act)]).toEqual([3, 4, ['feedback']])
  })

  it('are not offered once more when nobody has told what comes after them', async () => {
    vi.spyOn(calls, 'act').mockResolvedValue(detail({ version: 4, acts: [act('verify'), act('comment')] }))
    await database.cases.put({ owner: '1', id: 7, count: 3, language: 'zh-hans', heldAt: 0, detail: detail(), events: [], then: {} })
    await keepAct(database, '1', detail(), act('comment'), 'a1', {})
    await flush(database, '1')
    const [held] = await database.cases.toArray()
    expect(actsAfter(held!, []).map((one) => one.act)).toEqual(['verify', 'comment'])
    await keepAct(database, '1', held!.detail, act('verify'), 'a2', {})
    expect(actsAfter(held!, waitingActs(await itemsOf(database, '1'), 'r1'))).toEqual([])
  })

  it('that came too late are kept for a decision, and shown as that', async () => {
    vi.spyOn(calls, 'act').mockResolvedValue({ conflict: { reason_name: '案件已变动' } } as never)
    await keepAct(database, '1', detail(), act('verify'), 'a1', {})
    await flush(database, '1')
    expect(await itemsOf(database, '1')).toMatchObject([{ state: 'conflict', reason: '案件已变动' }])
    expect(unsentOf(await itemsOf(database, '1'))).toHaveLength(1)
  })

  it('do not hold back photos of a case that the server knows', async () => {
    vi.spyOn(calls, 'act').mockRejectedValue(refused())
    const upload = vi.spyOn(calls, 'upload').mockResolvedValue({} as never)
    await keepAct(database, '1', detail(), act('feedback'), 'a1', {})
    await keepFiles(database, '1', detail(), [{ ...photo('p1'), moment: 'after' }])
    await flush(database, '1')
    expect(upload).toHaveBeenCalledWith('7', 'p1', expect.anything(), { act: 'a1', moment: 'after' })
  })

  it('vouch for their photos: the case may be out of sight before those have arrived', async () => {
    vi.spyOn(calls, 'act').mockResolvedValue(detail())
    const upload = vi.spyOn(calls, 'upload').mockResolvedValue({} as never)
    await keepFiles(database, '1', detail(), [photo('before')])
    await keepAct(database, '1', detail(), act('return'), 'a1', {})
    await keepFiles(database, '1', detail(), [photo('after')])
    await flush(database, '1')
    expect(upload.mock.calls.map(([, id, , fields]) => [id, fields])).toEqual([['before', { act: 'a1' }], ['after', { act: 'a1' }]])
  })

  it('that were refused vouch for nothing: the next one does', async () => {
    vi.spyOn(calls, 'act').mockRejectedValue(refused())
    vi.spyOn(calls, 'upload').mockRejectedValue(dropped())
    await keepAct(database, '1', detail(), act('return'), 'a1', {})
    await keepFiles(database, '1', detail(), [photo('p1')])
    await flush(database, '1')
    await keepAct(database, '1', detail(), act('return'), 'a2', {})
    expect((await itemsOf(database, '1')).find((item) => item.id === 'p1')?.body).toEqual({ act: 'a2' })
  })

  it('and so does the report, for whoever made it', async () => {
    const upload = vi.spyOn(calls, 'upload').mockResolvedValue({} as never)
    await keepFiles(database, '9', detail(), [photo('p1')])
    await flush(database, '9')
    expect(upload.mock.calls[0]![3]).toEqual({ act: 'r1' })
  })

  it('offer next what the server said would follow', async () => {
    await keepAct(database, '1', detail(), act('acknowledge'), 'a1', {})
    const waiting = waitingActs(await itemsOf(database, '1'), 'r1')
    const held = { detail: detail({ acts: [act('acknowledge')] }), then: { acknowledge: [act('feedback')], feedback: [] } }
    expect(actsAfter(held, waiting).map((one) => one.act)).toEqual(['feedback'])
    expect(actsAfter(held, []).map((one) => one.act)).toEqual(['acknowledge'])
    await keepAct(database, '1', detail(), act('feedback'), 'a2', {})
    expect(actsAfter(held, waitingActs(await itemsOf(database, '1'), 'r1'))).toEqual([])
  })
})

describe('the list of what was sent', () => {
  const age = (id: string, days: number) => database.outbox.where('id').equals(id).modify({ doneAt: Date.now() - days * 86_400_000 })

  it('loses after a day what arrived, after a week what waits for a decision, and never what is not sent', async () => {
    vi.spyOn(calls, 'act').mockResolvedValueOnce(detail()).mockResolvedValue({ conflict: { reason_name: '' } } as never)
    await keepAct(database, '1', detail(), act('comment'), 'a1', {})
    await flush(database, '1')
    await keepAct(database, '1', detail(), act('verify'), 'a2', {})
    await flush(database, '1')
    await keepReport(database, '1', REPORT, [])
    await tidy(database, '1')
    expect(await states()).toEqual([['a1', 'done'], ['a2', 'conflict'], ['r1', 'waiting']])
    await Promise.all([age('a1', 2), age('a2', 2)])
    await tidy(database, '1')
    expect(await states()).toEqual([['a2', 'conflict'], ['r1', 'waiting']])
    await age('a2', 8)
    await tidy(database, '1')
    expect(await states()).toEqual([['r1', 'waiting']])
  })
})

describe('what the phone holds', () => {
  const bundle = (id: number, events: number) => ({ case: detail({ id, client_id: `c${id}` }), events: Array.from({ length: events }, () => ({})), then: {} })
  const held = (rows: number[][], cursor = 'x') => ({ unchanged: false, cursor, server_time: '2026-11-25T02:00:00Z', held: rows, truncated: false })

  it('is fetched where it differs, and only there', async () => {
    const fetched = vi.spyOn(calls, 'syncCases').mockImplementation(async (ids) => ({ results: ids.map((id) => bundle(id, 2)), gone: [] }) as never)
    const sync = vi.spyOn(calls, 'sync').mockResolvedValueOnce(held([[1, 2], [2, 2]]))
    await download(database, '1', 'zh-hans')
    sync.mockResolvedValueOnce(held([[1, 2], [2, 3]], 'y'))
    await download(database, '1', 'zh-hans')
    expect(fetched.mock.calls.map(([ids]) => ids)).toEqual([[1, 2], [2]])
    expect(sync.mock.calls.map(([cursor]) => cursor)).toEqual([null, 'x'])
  })

  it('goes when it is no longer this person’s, but not while something of theirs on it is unsent', async () => {
    vi.spyOn(calls, 'syncCases').mockImplementation(async (ids) => ({ results: ids.map((id) => bundle(id, 1)), gone: [] }) as never)
    vi.spyOn(calls, 'sync').mockResolvedValueOnce(held([[1, 1], [2, 1]])).mockResolvedValue(held([], 'y'))
    await download(database, '1', 'zh-hans')
    await keep(database, [{ id: 'a1', owner: '1', kind: 'act', lane: laneOf('c2'), body: {}, caseId: 2, title: '' }])
    await download(database, '1', 'zh-hans')
    expect((await database.cases.toArray()).map((one) => one.id)).toEqual([2])
  })

  it('goes once that is sent, although nothing has changed on the server since', async () => {
    vi.spyOn(calls, 'syncCases').mockImplementation(async (ids) => ({ results: ids.map((id) => bundle(id, 1)), gone: [] }) as never)
    vi.spyOn(calls, 'sync').mockImplementation(async (cursor) => (cursor === 'y' ? { ...held([], 'y'), unchanged: true } : held([], 'y')))
    vi.spyOn(calls, 'sync').mockResolvedValueOnce(held([[2, 1]]))
    vi.spyOn(calls, 'act').mockResolvedValue({ conflict: null } as never)
    await download(database, '1', 'zh-hans')
    await keepAct(database, '1', detail({ id: 2, client_id: 'c2' }), act('comment'), 'a1', {})
    await download(database, '1', 'zh-hans')
    await flush(database, '1')
    await download(database, '1', 'zh-hans')
    expect(await database.cases.count()).toBe(0)
  })

  it('goes as well when what was done on it came too late: that is with the server now', async () => {
    vi.spyOn(calls, 'syncCases').mockImplementation(async (ids) => ({ results: ids.map((id) => bundle(id, 1)), gone: [] }) as never)
    vi.spyOn(calls, 'sync').mockResolvedValueOnce(held([[2, 1]])).mockResolvedValue(held([], 'y'))
    vi.spyOn(calls, 'act').mockResolvedValue({ conflict: { reason_name: '不在查看范围内' } } as never)
    await download(database, '1', 'zh-hans')
    await keepAct(database, '1', detail({ id: 2, client_id: 'c2' }), act('feedback'), 'a1', {})
    await flush(database, '1')
    await download(database, '1', 'zh-hans')
    expect(await states()).toEqual([['a1', 'conflict']])
    expect(await database.cases.count()).toBe(0)
  })

  it('is asked for again from where a kill left it', async () => {
    vi.spyOn(calls, 'sync').mockResolvedValue(held([[1, 1]]))
    const fetched = vi.spyOn(calls, 'syncCases').mockRejectedValueOnce(dropped()).mockImplementation(async (ids) => ({ results: ids.map((id) => bundle(id, 1)), gone: [] }) as never)
    await expect(download(database, '1', 'zh-hans')).rejects.toThrow()
    await download(database, '1', 'zh-hans')
    expect(fetched).toHaveBeenCalledTimes(2)
    expect(await database.cases.count()).toBe(1)
  })
})
