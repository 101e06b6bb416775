import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'

import { bodyOf, missingIn, newForm, toggleCell } from '@/center/ground/changeForm'
import { useChange } from '@/center/ground/composables/useChange'
import { addPoint, draftOf } from '@/center/ground/drawing'
import en from '@/center/i18n/en'
import zh from '@/center/i18n/zh'
import { createAppI18n } from '@/shared/i18n'

const CELL = '990000100201001'
const OTHER = '990000100201002'
const OUTLINE = { type: 'Polygon' as const, coordinates: [[[116, 23], [117, 23], [117, 24], [116, 23]]] }
const TODAY = '2026-11-25'

describe('the form of a change', () => {
  it('sends today as "at once" and any other day as that day', () => {
    const form = { ...newForm('retire', { code: CELL }, TODAY), reason: ' 撤并 ' }
    expect(bodyOf(form, TODAY)).toMatchObject({ act: 'retire', cells: [CELL], on: null, reason: '撤并', village: '', line: null, geometry: null })
    expect(bodyOf({ ...form, on: '2026-12-01' }, TODAY).on).toBe('2026-12-01')
  })

  it('draws into the village it was opened from', () => {
    const form = { ...newForm('draw', { code: '990000100201' }, TODAY), name: '新网格', kind: 'dedicated' as const, draft: draftOf(OUTLINE) }
    expect(bodyOf(form, TODAY)).toMatchObject({ village: '990000100201', cells: [], name: '新网格', kind: 'dedicated', geometry: OUTLINE })
  })

  it('names the new part of a split, and sends the line only', () => {
    const line = { shape: 'line' as const, polygons: [[[[116, 23], [117, 24]] as [number, number][]]] }
    const form = { ...newForm('split', { code: CELL }, TODAY), name: '东村03网格', draft: line }
    expect(bodyOf(form, TODAY)).toMatchObject({ names: ['东村03网格'], name: '', geometry: null, line: { type: 'LineString' } })
  })

  it('keeps the code that stays among the merged cells', () => {
    const merged = toggleCell(newForm('merge', { code: CELL }, TODAY), OTHER)
    expect(bodyOf(merged, TODAY)).toMatchObject({ cells: [CELL, OTHER], keep: CELL })
    expect(toggleCell(merged, CELL)).toMatchObject({ cells: [OTHER], keep: OTHER })
  })

  it('says what is missing before the server is asked', () => {
    expect(Object.keys(missingIn(newForm('split', { code: CELL })))).toEqual(['line', 'reason'])
    expect(Object.keys(missingIn(newForm('merge', { code: CELL })))).toEqual(['cells', 'reason'])
    expect(Object.keys(missingIn(newForm('draw', { code: '990000100201' })))).toEqual(['geometry', 'reason'])
    expect(missingIn({ ...newForm('retire', { code: CELL }), reason: '撤并' })).toEqual({})
  })
})

describe('a change on its way', () => {
  const answers = vi.fn<typeof fetch>()
  beforeEach(() => vi.stubGlobal('fetch', answers))
  afterEach(() => {
    answers.mockReset()
    vi.unstubAllGlobals()
  })
  const answer = (status: number, body: unknown) => answers.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }))
  const preview = (allowed: boolean) => ({ allowed, effective_at: '2026-11-25T02:00:00Z', before: [], after: [], problems: [], gaps: [], moves: {} })

  function started() {
    const done = vi.fn()
    let change!: ReturnType<typeof useChange>
    const Host = defineComponent({
      setup() {
        change = useChange(done)
        return () => h('div')
      },
    })
    mount(Host, { global: { plugins: [createAppI18n({ zh, en })] } })
    change.start('redraw', { code: CELL, geometry: OUTLINE })
    change.change({ reason: '河道改线' })
    return { change, done }
  }

  it('says whether neighbours adapt to a redrawn cell, and of nothing else', () => {
    const redraw = { ...newForm('redraw', { code: CELL }), neighboursAdapt: true }
    expect(bodyOf(redraw).neighbours_adapt).toBe(true)
    expect(bodyOf({ ...redraw, act: 'split' }).neighbours_adapt).toBe(false)
  })

  it('begins a redrawing with the outline that is there', () => {
    const { change } = started()
    expect(bodyOf(change.form.value!).geometry).toEqual(OUTLINE)
  })

  it('cannot be confirmed before it was looked at', async () => {
    const { change } = started()
    await change.confirm()
    expect(answers).not.toHaveBeenCalled()
  })

  it('is looked at, then confirmed with the same words and drawing', async () => {
    const { change, done } = started()
    answer(200, preview(true))
    await change.look()
    expect(change.allowed.value).toBe(true)
    answer(201, { id: 7, after: [] })
    await change.confirm()
    expect(answers.mock.calls.map((call) => String(call[0]))).toEqual(['/api/v1/areas/changes/preview/', '/api/v1/areas/changes/'])
    expect(answers.mock.calls[0]![1]!.body).toBe(answers.mock.calls[1]![1]!.body)
    expect(done).toHaveBeenCalledOnce()
    expect(change.form.value).toBeNull()
  })

  it('has to be looked at again after anything was changed', async () => {
    const { change } = started()
    answer(200, preview(true))
    await change.look()
    change.draw(addPoint(change.form.value!.draft, [116.5, 23.9]))
    expect(change.fresh.value).toBe(false)
    expect(change.allowed.value).toBe(false)
    change.undo()
    expect(change.allowed.value).toBe(true)
  })

  it('is not allowed while something stands against it', async () => {
    const { change } = started()
    answer(200, preview(false))
    await change.look()
    expect(change.fresh.value).toBe(true)
    expect(change.allowed.value).toBe(false)
  })

  it('shows each of the server\'s sentences at its field and loses nothing', async () => {
    const { change } = started()
    answer(400, { code: 'overlap', message: '重叠', field: 'geometry', errors: [{ code: 'overlap', message: '与 002 重叠 12 m²。', field: 'geometry' }] })
    await change.look()
    expect(change.errors.value).toEqual({ geometry: '与 002 重叠 12 m²。' })
    expect(change.general.value).toBeNull()
    expect(change.form.value).toMatchObject({ reason: '河道改线', cells: [CELL] })
    expect(bodyOf(change.form.value!).geometry).toEqual(OUTLINE)
  })

  it('says above the form what belongs to no field, a lost network too', async () => {
    const { change } = started()
    answers.mockRejectedValueOnce(new TypeError('lost'))
    await change.look()
    expect(change.general.value).toBe('网络不通，请检查连接后重试。')
    expect(change.form.value?.reason).toBe('河道改线')
  })

  it('takes back one step after another', () => {
    const { change } = started()
    change.clear()
    expect(bodyOf(change.form.value!).geometry).toBeNull()
    change.undo()
    expect(bodyOf(change.form.value!).geometry).toEqual(OUTLINE)
    expect(change.canUndo.value).toBe(false)
  })

  it('takes only cells of its village into a merging', () => {
    const { change } = started()
    change.start('merge', { code: CELL })
    change.toggle('990000100202001')
    change.toggle(OTHER)
    expect(change.form.value!.cells).toEqual([CELL, OTHER])
  })
})
