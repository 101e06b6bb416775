import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useAct } from '@/field/composables/useAct'
import { ApiError } from '@/shared/api/client'
import type { Act, CaseDetail } from '@/shared/api/types'

import { dropped } from './fakes'

const RETURN: Act = { act: 'return', name: '退回', primary: false, fields: [{ name: 'text', type: 'text', label: '原因', required: true, choices: null }] }
const SUSPEND: Act = { act: 'suspend', name: '挂起', primary: false, fields: [{ name: 'until', type: 'datetime', label: '至', required: true, choices: null }] }
const done = { id: 1, version: 4 } as CaseDetail
/** The case as it is on the screen; this browser keeps nothing, so that the act is sent at once or not at all. */
const seen = (version: number) => ({ id: 1, version }) as CaseDetail
const nowhere = async () => null
const sent = { state: 'done', detail: done }
const stale = () =>
  new ApiError(409, 'stale_version', '周值班改了这件', null, [], { changed_by: '周值班', changed_at: '2026-11-23T01:00:00Z', act: 'assign' })

describe('an act on a case', () => {
  beforeEach(() => localStorage.clear())

  it('carries the same client_id when the answer was lost', async () => {
    const send = vi.fn().mockRejectedValueOnce(dropped()).mockResolvedValue(done)
    const act = useAct(seen(3), RETURN, '9', send, nowhere)
    act.values.text = '不属于我们'
    await act.submit(seen(3))
    expect(act.state.value).toBe('unanswered')
    expect(await act.submit(seen(3))).toEqual(sent)
    expect(send.mock.calls[0]![2]).toEqual(send.mock.calls[1]![2])
  })

  it('shows who changed what and keeps the words after a stale version', async () => {
    const send = vi.fn().mockRejectedValueOnce(stale()).mockResolvedValue(done)
    const act = useAct(seen(3), RETURN, '9', send, nowhere)
    act.values.text = '不属于我们'
    await act.submit(seen(3))
    expect(act.state.value).toBe('stale')
    expect([(act.error.value as ApiError).message, act.changedAt.value]).toEqual(['周值班改了这件', '2026-11-23T01:00:00Z'])
    expect(act.values.text).toBe('不属于我们')
    await act.submit(seen(4))
    expect(send.mock.calls[1]![2]).toMatchObject({ text: '不属于我们', version: 4 })
    expect(send.mock.calls[1]![2].client_id).not.toBe(send.mock.calls[0]![2].client_id)
  })

  it('calls an act that is no longer possible overtaken too, so that the case is read again', async () => {
    const act = useAct(seen(3), RETURN, '9', vi.fn().mockRejectedValue(new ApiError(409, 'not_allowed_now', '不行')), nowhere)
    act.values.text = '不属于我们'
    await act.submit(seen(3))
    expect(act.state.value).toBe('stale')
  })

  it('brings typed words back after the page was left, for this person only', async () => {
    useAct({ ...seen(3), id: 1 }, RETURN, '9', undefined, nowhere).values.text = '不属于我们'
    await nextTick()
    expect(useAct({ ...seen(3), id: 1 }, RETURN, '9', undefined, nowhere).values.text).toBe('不属于我们')
    expect(useAct({ ...seen(3), id: 1 }, RETURN, '8', undefined, nowhere).values.text).toBeUndefined()
  })

  it('forgets the words once the server has them', async () => {
    const act = useAct(seen(3), RETURN, '9', vi.fn().mockResolvedValue(done), nowhere)
    act.values.text = '不属于我们'
    await act.submit(seen(3))
    expect(useAct({ ...seen(3), id: 1 }, RETURN, '9', undefined, nowhere).values.text).toBeUndefined()
  })

  it('names the required fields that are empty', () => {
    expect(useAct({ ...seen(3), id: 1 }, RETURN, '9', undefined, nowhere).missing().map((field) => field.name)).toEqual(['text'])
  })

  it('sends numbers and several units as such, and not what was left empty', async () => {
    const field = { label: 'x', required: false, choices: null }
    const fields = [{ ...field, name: 'amount', type: 'number', required: true }, { ...field, name: 'assistants', type: 'organisations' }] as Act['fields']
    const send = vi.fn().mockResolvedValue(done)
    const act = useAct(seen(3), { act: 'assign', name: '分派', primary: true, fields }, '9', send, nowhere)
    act.values.assistants = []
    expect(act.missing().map((one) => one.name)).toEqual(['amount'])
    act.start({ amount: '3' })
    await act.submit(seen(3))
    expect(send.mock.calls[0]![2]).toMatchObject({ amount: 3 })
    expect(send.mock.calls[0]![2]).not.toHaveProperty('assistants')
  })

  it('keeps what was typed before what is known beforehand', () => {
    const act = useAct({ ...seen(3), id: 1 }, RETURN, '9', undefined, nowhere)
    act.values.text = '不属于我们'
    act.start({ text: '别的' })
    expect(act.values.text).toBe('不属于我们')
  })

  it('reads a typed time as Shanghai time', async () => {
    const send = vi.fn().mockResolvedValue(done)
    const act = useAct(seen(3), SUSPEND, '9', send, nowhere)
    act.values.until = '2026-11-30T18:00'
    await act.submit(seen(3))
    expect(send.mock.calls[0]![2].until).toBe('2026-11-30T10:00:00.000Z')
  })
})
