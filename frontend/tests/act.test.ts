import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mount } from '@vue/test-utils'
import { defineComponent, h } from 'vue'

import { createAppI18n } from '@/shared/i18n'
import type { Act, ActField, CaseDetail } from '@/shared/api/types'
import { emptyValues, missingFields, payloadOf, unitOf, withValue } from '@/center/composables/actForm'
import { useAct } from '@/center/composables/useAct'
import en from '@/center/i18n/en'
import zh from '@/center/i18n/zh'

const text: ActField = { name: 'text', type: 'text', label: '说明', required: false }
const reason: ActField = { ...text, required: true }
const due: ActField = { name: 'due_at', type: 'datetime', label: '期限', required: false }
const organisation: ActField = { name: 'organisation', type: 'organisation', label: '单位', required: true }
const passed: ActField = { name: 'passed', type: 'boolean', label: '通过', required: true }

const assign: Act = { act: 'assign', name: '派遣', primary: true, fields: [organisation, due, text] }
const row = (version: number, acts: Act[] = [assign]) => ({ id: 4, version, acts, state_name: '已受理' }) as unknown as CaseDetail

describe('the form of an act', () => {
  it('chooses nothing on the person\'s behalf', () => {
    expect(emptyValues([organisation, text, passed])).toEqual({ organisation: null, text: '', passed: null })
  })

  it('sends Shanghai times as UTC and leaves out what was left empty', () => {
    expect(payloadOf([organisation, due, text], { organisation: 3, due_at: '2026-11-24T18:00', text: '  ' })).toEqual({
      organisation: 3,
      due_at: '2026-11-24T10:00:00.000Z',
    })
  })

  it('sends several units and whole numbers as such, and leaves out none chosen', () => {
    const fields: ActField[] = [{ ...text, name: 'assistants', type: 'organisations' }, { ...text, name: 'amount', type: 'number', required: true }, { ...text, name: 'authority', type: 'line', required: true }]
    expect(emptyValues(fields)).toEqual({ assistants: [], amount: null, authority: '' })
    expect(missingFields(fields, { assistants: [], amount: null, authority: ' ' })).toEqual(['amount', 'authority'])
    expect(payloadOf(fields, { assistants: [], amount: 3, authority: ' 县综治中心 ' })).toEqual({ amount: 3, authority: '县综治中心' })
    expect(payloadOf(fields, { assistants: [4, 5], amount: 3, authority: 'x' })).toMatchObject({ assistants: [4, 5] })
  })

  it('takes back the person and the help of a unit when that unit leads', () => {
    const values = { organisation: 3, assignee: 8, assistants: [4, 5], text: '急' }
    expect(withValue(values, 'organisation', 4)).toEqual({ organisation: 4, assignee: null, assistants: [5], text: '急' })
    expect(withValue(values, 'text', '缓')).toEqual({ ...values, text: '缓' })
  })

  it('chooses a person from the unit in the form, or else from the one that leads', () => {
    const person: ActField = { ...text, name: 'assignee', type: 'user' }
    expect(unitOf([person], { assignee: null }, 7)).toBe(7)
    expect(unitOf([organisation, person], { organisation: null }, 7)).toBeNull()
    expect(unitOf([organisation, person], { organisation: 3 }, 7)).toBe(3)
  })

  it('takes "no" for an answer: false is not missing', () => {
    expect(missingFields([passed], { passed: false })).toEqual([])
    expect(missingFields([passed], { passed: null })).toEqual(['passed'])
  })

  it('does not take blanks for a reason', () => {
    expect(missingFields([reason], { text: '   ' })).toEqual(['text'])
  })
})

describe('an act on a case', () => {
  const answers = vi.fn<typeof fetch>()
  beforeEach(() => vi.stubGlobal('fetch', answers))
  afterEach(() => {
    answers.mockReset()
    vi.unstubAllGlobals()
  })

  function desk(current: { row: CaseDetail }, reload: () => Promise<void> = () => Promise.resolve()) {
    const done = vi.fn()
    let form!: ReturnType<typeof useAct>
    const Host = defineComponent({
      setup() {
        form = useAct(() => current.row, reload, done)
        return () => h('div')
      },
    })
    mount(Host, { global: { plugins: [createAppI18n({ zh, en })] } })
    form.open(current.row.acts[0]!)
    form.values.value = { organisation: 3, due_at: null, text: '今日到场' }
    return { form, done }
  }
  function answer(status: number, body: unknown): void {
    answers.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }))
  }
  function sent(call: number): Record<string, unknown> {
    return JSON.parse(String(answers.mock.calls[call]![1]!.body)) as Record<string, unknown>
  }

  it('sends the version the person was looking at', async () => {
    const { form, done } = desk({ row: row(7) })
    answer(200, row(8))
    await form.submit()
    expect(sent(0)).toMatchObject({ version: 7, organisation: 3, text: '今日到场' })
    expect(done).toHaveBeenCalledOnce()
    expect(form.act.value).toBeNull()
  })

  it('keeps the typed text when another person changed the case, and sends it again against the new version', async () => {
    const current = { row: row(7) }
    const { form, done } = desk(current, async () => {
      current.row = row(9)
    })
    answer(409, { code: 'stale_version', message: '黄主任刚刚备注了此事项。', current_version: 9, changed_at: '2026-11-23T08:00:00Z' })
    await form.submit()
    expect(form.stale.value).toEqual({ message: '黄主任刚刚备注了此事项。', at: '2026-11-23T08:00:00Z' })
    expect(form.values.value.text).toBe('今日到场')
    await form.reloadAndKeep()
    expect(form.stale.value).toBeNull()
    answer(200, row(10))
    await form.submit()
    expect(sent(1)).toMatchObject({ version: 9, text: '今日到场' })
    expect(done).toHaveBeenCalledOnce()
  })

  it('says so when the act is no longer possible, and still keeps the text', async () => {
    const current = { row: row(7) }
    const { form } = desk(current, async () => {
      current.row = row(9, [])
    })
    answer(409, { code: 'stale_version', message: 'm' })
    await form.submit()
    await form.reloadAndKeep()
    expect(form.general.value).toContain('已受理')
    expect(form.values.value.text).toBe('今日到场')
  })

  it('calls an act that went by overtaken too, and starts with what was agreed to', async () => {
    const extend: Act = { act: 'extend', name: '延期', primary: true, fields: [{ ...text, name: 'amount', type: 'number', required: true }, text] }
    const { form } = desk({ row: row(7, [extend]) })
    form.open(extend, { amount: 3 })
    form.values.value = { ...form.values.value, text: '同意' }
    answer(409, { code: 'not_allowed_now', message: '此申请已撤回。' })
    await form.submit()
    expect(sent(0)).toMatchObject({ amount: 3, version: 7 })
    expect(form.stale.value?.message).toBe('此申请已撤回。')
    expect(form.values.value).toEqual({ amount: 3, text: '同意' })
  })

  it('shows the server\'s sentence at its field', async () => {
    const { form } = desk({ row: row(7) })
    answer(400, { code: 'invalid', message: '请写得具体一些。', field: 'text', errors: [{ code: 'invalid', message: '请写得具体一些。', field: 'text' }] })
    await form.submit()
    expect(form.fieldErrors.value).toEqual({ text: '请写得具体一些。' })
    expect(form.general.value).toBeNull()
    expect(form.values.value.text).toBe('今日到场')
  })

  it('retries after a lost answer under the same id, so that it cannot act twice', async () => {
    const { form } = desk({ row: row(7) })
    answers.mockRejectedValueOnce(new TypeError('lost'))
    await form.submit()
    answer(200, row(8))
    await form.submit()
    expect(sent(1).client_id).toBe(sent(0).client_id)
  })

  it('does not ask the server while a required field is empty', async () => {
    const { form } = desk({ row: row(7) })
    form.values.value = { organisation: null, due_at: null, text: '' }
    await form.submit()
    expect(answers).not.toHaveBeenCalled()
    expect(Object.keys(form.fieldErrors.value)).toEqual(['organisation'])
  })
})
