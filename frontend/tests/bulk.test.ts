import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, defineComponent, h, shallowRef } from 'vue'

import { bulkActs, bulkForm, MOST, useBulk, usePicked } from '@/center/composables/useBulk'
import { relatedGroups } from '@/center/composables/related'
import { useExport } from '@/center/composables/useExport'
import { DEFAULTS } from '@/center/composables/useQueue'
import { filtersOfView, viewQuery } from '@/center/composables/useViews'
import en from '@/center/i18n/en'
import zh from '@/center/i18n/zh'
import type { CaseRow, Related, Similar } from '@/shared/api/types'
import { createAppI18n } from '@/shared/i18n'
import { useReplyTexts, withText } from '@/shared/replyTexts'

const row = (id: number, version = 1) => ({ id, version, number: `A-${id}` }) as CaseRow
const answers = vi.fn<typeof fetch>()
beforeEach(() => vi.stubGlobal('fetch', answers))
afterEach(() => {
  answers.mockReset()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})
const answer = (status: number, body: unknown) => answers.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }))
const sent = (call: number) => JSON.parse(String(answers.mock.calls[call]![1]!.body)) as Record<string, unknown>

/** A composable inside a component, as it is used. */
function within<Made>(make: () => Made): Made {
  let made!: Made
  mount(defineComponent({ setup: () => ((made = make()), () => h('div')) }), { global: { plugins: [createAppI18n({ zh, en })] } })
  return made
}

describe('cases picked in the queue', () => {
  it('are toggled one by one and all at once, never more than one act takes', () => {
    const rows = shallowRef([row(1), row(2)])
    const { picked, all, toggle, toggleAll, take } = usePicked(() => rows.value)
    toggle(rows.value[0]!)
    expect([[...picked.value.keys()], all.value]).toEqual([[1], false])
    toggleAll()
    expect(all.value).toBe(true)
    toggle(rows.value[1]!)
    expect([...picked.value.keys()]).toEqual([1])
    take(Array.from({ length: MOST + 5 }, (_, id) => row(id)))
    expect(picked.value.size).toBe(MOST)
  })

  it('are sent as the list shows them now', () => {
    const rows = shallowRef([row(1, 3)])
    const { shown, toggleAll } = usePicked(() => rows.value)
    toggleAll()
    rows.value = [row(1, 4)]
    expect(shown().map((one) => one.version)).toEqual([4])
  })

  it('are offered the acts that are this person\'s at all', () => {
    expect(bulkActs(['center_operator'])).toHaveLength(5)
    expect(bulkActs(['leader'])).toEqual(['nudge'])
    expect(bulkActs(['handler', 'leader'])).toEqual(['nudge', 'comment'])
    expect(bulkActs(['auditor'])).toEqual([])
  })
})

describe('an act on many cases', () => {
  function desk() {
    const reload = vi.fn(() => Promise.resolve())
    const rows = [row(1, 3), row(2, 5)]
    const selection = usePicked(() => rows)
    selection.toggleAll()
    const bulk = within(() => useBulk(selection, reload))
    bulk.open(bulkForm('comment', (key) => key))
    bulk.change('text', '汛期请提前查看')
    return { bulk, selection, reload }
  }

  it('sends each with the version that was seen, says what became of each, and keeps picked what failed', async () => {
    const { bulk, selection, reload } = desk()
    answer(200, { results: [{ id: 1, ok: true, case: row(1, 4) }, { id: 2, ok: false, message: '事项已被他人修改。', case: row(2, 6) }] })
    await bulk.submit()
    expect(sent(0)).toMatchObject({ cases: [{ id: 1, version: 3 }, { id: 2, version: 5 }], text: '汛期请提前查看' })
    expect(bulk.outcomes.value!.map(({ row: { id }, ok, message }) => [id, ok, message])).toEqual([[1, true, ''], [2, false, '事项已被他人修改。']])
    expect([...selection.picked.value.values()].map(({ id, version }) => [id, version])).toEqual([[2, 6]])
    expect([bulk.act.value, reload.mock.calls.length]).toEqual([null, 1])
  })

  it('keeps the words and the id when the answer was lost', async () => {
    const { bulk } = desk()
    answers.mockRejectedValueOnce(new TypeError('lost'))
    await bulk.submit()
    expect(bulk.values.value.text).toBe('汛期请提前查看')
    answer(200, { results: [] })
    await bulk.submit()
    expect(sent(1).client_id).toBe(sent(0).client_id)
  })

  it('asks for what is needed before it sends, and shows a refusal at its field', async () => {
    const { bulk } = desk()
    bulk.change('text', ' ')
    await bulk.submit()
    expect([answers.mock.calls.length, Object.keys(bulk.fieldErrors.value)]).toEqual([0, ['text']])
    bulk.change('text', '好')
    answer(400, { code: 'invalid', message: '太短。', field: 'text', errors: [{ code: 'invalid', message: '太短。', field: 'text' }] })
    await bulk.submit()
    expect([bulk.fieldErrors.value, bulk.general.value]).toEqual([{ text: '太短。' }, null])
  })
})

describe('a saved view', () => {
  it('comes back as the same filters', () => {
    for (const filters of [DEFAULTS, { ...DEFAULTS, state: 'all', q: '灯' }, { ...DEFAULTS, state: 'draft', overdue: true, mine: true, area: '990000100201' }]) {
      expect(filtersOfView(viewQuery(filters))).toEqual(filters)
    }
  })

  it('that asks for more than the page can show is not offered as less', () => {
    expect(filtersOfView({ open: 'true', supervision: 'red' })).toBeNull()
    expect(filtersOfView({ open: 'false' })).toBeNull()
  })
})

describe('a standard text', () => {
  it('never replaces what was typed, and is not added twice', () => {
    expect(withText(' ', '已到场。')).toBe('已到场。')
    expect(withText('今日。', '已到场。')).toBe('今日。\n已到场。')
    expect(withText('今日。\n已到场。', '已到场。')).toBe('今日。\n已到场。')
  })

  it('is not there without a net, and nothing breaks', async () => {
    const { texts, load } = useReplyTexts()
    answer(200, { results: [{ text: '已到场。' }] })
    await load('feedback', 'C01')
    expect(texts.value).toEqual(['已到场。'])
    answers.mockRejectedValueOnce(new TypeError('lost'))
    await load('close', 'C01')
    expect(texts.value).toEqual([])
  })
})

describe('what hangs together with a case', () => {
  it('names each case once, and no empty group', () => {
    const related = { parent: null, parts: [row(2)], merged_into: null, merged: [] } as unknown as Related
    const similar = [{ case: row(2), distance_m: 5 }, { case: row(3), distance_m: 40 }] as Similar[]
    const groups = relatedGroups(related, similar)
    expect(groups.map(({ key, rows }) => [key, ...rows.map((one) => [one.row.id, one.metres])])).toEqual([['parts', [2, null]], ['similar', [3, 40]]])
    expect(relatedGroups(null, [])).toEqual([])
  })
})

describe('an export', () => {
  it('is waited for until it is ready, and no longer', async () => {
    vi.useFakeTimers()
    const { row: made, start } = within(useExport)
    const state = computed(() => made.value?.state)
    answer(201, { id: 9, state: 'waiting' })
    await start('月度核对', 'xlsx', { open: 'true' })
    expect(sent(0)).toEqual({ purpose: '月度核对', format: 'xlsx', query: { open: 'true' } })
    answer(200, { id: 9, state: 'running' })
    await vi.advanceTimersByTimeAsync(2100)
    answer(200, { id: 9, state: 'ready', file_url: '/f' })
    await vi.advanceTimersByTimeAsync(2100)
    expect(state.value).toBe('ready')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(answers).toHaveBeenCalledTimes(3)
  })

  it('that is refused says why, and can be asked for again', async () => {
    const { row: made, problem, start } = within(useExport)
    answer(400, { code: 'invalid', message: '请写明用途。', field: 'purpose' })
    await start('x', 'csv', {})
    expect([made.value, problem.value]).toEqual([null, '请写明用途。'])
  })
})
