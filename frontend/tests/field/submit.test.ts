import { beforeEach, describe, expect, it, vi } from 'vitest'
import { reactive } from 'vue'

import { useSubmitReport } from '@/field/composables/useSubmitReport'
import { emptyDraft, type ReportDraft } from '@/field/lib/draft'
import { ApiError } from '@/shared/api/client'

import { FakeServer, refused } from './fakes'

function written(): ReportDraft {
  return reactive({
    ...emptyDraft(),
    description: ' 井盖破损 ',
    category: 'H06',
    place: { kind: 'point', lon: 116.7000001, lat: 23.68, accuracy: 12.4, source: 'gps' },
  } satisfies ReportDraft)
}

describe('sending a report', () => {
  let server: FakeServer
  let draft: ReportDraft
  const remember = vi.fn(async () => undefined)

  beforeEach(() => {
    server = new FakeServer()
    draft = written()
    remember.mockClear()
  })

  it('sends the words trimmed, the point rounded and the accuracy in whole metres', async () => {
    await useSubmitReport(draft, server.post, remember).submit()
    expect(server.seen[0]).toMatchObject({ description: '井盖破损', lon: 116.7, lat: 23.68, datum: 'WGS-84', accuracy_m: 12 })
  })

  it('keeps one UUID and the very same content over lost answers, so nothing doubles', async () => {
    server.loseRequests = 1
    server.loseAnswers = 1
    const sender = useSubmitReport(draft, server.post, remember)
    expect(await sender.submit()).toBeNull()
    expect(sender.state.value).toBe('unanswered')
    expect(await sender.submit()).toBeNull()
    const sent = await sender.submit()
    expect(sent?.detail.id).toBe(7)
    expect(new Set(server.seen.map((payload) => JSON.stringify(payload))).size).toBe(1)
    expect(server.kept.size).toBe(1)
  })

  it('treats a broken server like a lost answer', async () => {
    server.refuse = new ApiError(502, 'http_502', '')
    const sender = useSubmitReport(draft, server.post, remember)
    await sender.submit()
    expect(sender.state.value).toBe('unanswered')
    expect(draft.unanswered).toHaveLength(1)
  })

  it('writes the attempt down before it leaves', async () => {
    const order: string[] = []
    const post = async () => {
      order.push('post')
      throw refused('category', '')
    }
    await useSubmitReport(draft, post, async () => void order.push('remember')).submit()
    expect(order.slice(0, 2)).toEqual(['remember', 'post'])
  })

  it('goes on in doubt after the app was closed', () => {
    draft.unanswered = [{ client_id: draft.clientId, category: 'H06', description: 'x', reported_at: 'y' }]
    expect(useSubmitReport(draft, server.post, remember).state.value).toBe('unanswered')
  })

  it('finds the attempt that had arrived when the words were changed after a lost answer', async () => {
    server.loseAnswers = 1
    const sender = useSubmitReport(draft, server.post, remember)
    await sender.submit()
    draft.description = '井盖破损，有人摔倒'
    const sent = await sender.submit()
    expect(sent).toMatchObject({ editsLeftOut: true, detail: { description: '井盖破损' } })
    expect(server.kept.size).toBe(1)
  })

  it('sends changed words as they are when the first attempt never arrived', async () => {
    server.loseRequests = 1
    const sender = useSubmitReport(draft, server.post, remember)
    await sender.submit()
    draft.description = '井盖破损，有人摔倒'
    expect(await sender.submit()).toMatchObject({ editsLeftOut: false, detail: { description: '井盖破损，有人摔倒' } })
  })

  it('keeps everything after a refusal and lets the same UUID pass once corrected', async () => {
    server.refuse = refused('description', '太短')
    const sender = useSubmitReport(draft, server.post, remember)
    await sender.submit()
    expect(sender.state.value).toBe('refused')
    expect((sender.error.value as ApiError).forField('description')).toBe('太短')
    expect(draft.unanswered).toEqual([])
    server.refuse = null
    draft.description = '井盖破损在桥头'
    expect(await sender.submit()).toMatchObject({ editsLeftOut: false })
  })

  it('ignores a second tap while the first is on its way', async () => {
    const sender = useSubmitReport(draft, server.post, remember)
    const [first, second] = await Promise.all([sender.submit(), sender.submit()])
    expect([Boolean(first), second]).toEqual([true, null])
    expect(server.seen).toHaveLength(1)
  })
})
