import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'

import { useImport } from '@/center/ground/composables/useImport'
import type { ImportJob } from '@/center/ground/contract'
import { emptyImport, importFields, isRunning, mayApply, missingForImport, percentOf } from '@/center/ground/importForm'
import en from '@/center/i18n/en'
import zh from '@/center/i18n/zh'
import { createAppI18n } from '@/shared/i18n'

function job(state: ImportJob['state'], more: Partial<ImportJob> = {}): ImportJob {
  return { id: 4, state, problem_count: 0, problems: [], done: 0, total: 0, summary: { proposed: [], warnings: [] }, ...more } as unknown as ImportJob
}
const FILE = new File(['{}'], '网格.geojson')

describe('the form of an import', () => {
  it('asks for the file, the coordinate system and the reason of boundaries', () => {
    expect(Object.keys(missingForImport(emptyImport(), null))).toEqual(['file', 'crs', 'reason'])
    expect(missingForImport({ ...emptyImport(), kind: 'divisions' }, FILE)).toEqual({})
  })

  it('sends no coordinates for a list, and no empty day', () => {
    expect(importFields({ ...emptyImport(), kind: 'divisions' })).toEqual({ kind: 'divisions', encoding: 'auto' })
    expect(importFields({ ...emptyImport(), crs: 'CGCS2000', codeField: ' DM ', validFrom: '2026-12-01' })).toMatchObject({ crs: 'CGCS2000', code_field: 'DM', valid_from: '2026-12-01' })
  })
})

describe('a job', () => {
  it('may be applied only when it was checked and is clean', () => {
    expect(mayApply(job('checked'))).toBe(true)
    expect(mayApply(job('checked', { problem_count: 1 }))).toBe(false)
    for (const state of ['waiting', 'checking', 'refused', 'applying', 'applied', 'failed'] as const) expect(mayApply(job(state))).toBe(false)
  })

  it('knows how far it is, once there is something to be far of', () => {
    expect(percentOf(job('checking'))).toBeNull()
    expect(percentOf(job('checking', { done: 50, total: 200 }))).toBe(25)
    expect(isRunning(job('applying'))).toBe(true)
    expect(isRunning(job('refused'))).toBe(false)
  })
})

describe('an import on its way', () => {
  const answers = vi.fn<typeof fetch>()
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('fetch', answers)
  })
  afterEach(() => {
    vi.useRealTimers()
    answers.mockReset()
    vi.unstubAllGlobals()
  })
  const answer = (body: unknown) => answers.mockResolvedValueOnce(new Response(JSON.stringify(body), { status: 200 }))

  function opened(state: ImportJob['state']) {
    const changed = vi.fn()
    let current!: ReturnType<typeof useImport>
    const Host = defineComponent({
      setup() {
        current = useImport(changed)
        return () => h('div')
      },
    })
    const host = mount(Host, { global: { plugins: [createAppI18n({ zh, en })] } })
    answer(job(state))
    current.open(job(state))
    return { current, changed, host }
  }

  it('is asked about every second until it is settled, and then no more', async () => {
    const { current, changed } = opened('waiting')
    answer(job('checking', { done: 1, total: 2 }))
    answer(job('checked'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(current.job.value?.state).toBe('checking')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(current.job.value?.state).toBe('checked')
    expect(changed).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(answers).toHaveBeenCalledTimes(3)
  })

  it('survives a lost answer', async () => {
    const { current } = opened('checking')
    answers.mockRejectedValueOnce(new TypeError('lost'))
    answer(job('refused', { problem_count: 2 }))
    await vi.advanceTimersByTimeAsync(2_100)
    expect(current.job.value?.state).toBe('refused')
  })

  it('is not asked about any more when the page is left', async () => {
    const { host } = opened('checking')
    await vi.advanceTimersByTimeAsync(0)
    host.unmount()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(answers).toHaveBeenCalledTimes(1)
  })

  it('is applied and followed to its end', async () => {
    const { current } = opened('checked')
    await vi.advanceTimersByTimeAsync(0)
    answer(job('applying'))
    await current.apply()
    expect(String(answers.mock.calls.at(-1)![0])).toBe('/api/v1/imports/4/apply/')
    answer(job('applied'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(current.job.value?.state).toBe('applied')
  })

  it('sends nothing without a file', async () => {
    const { current } = opened('checked')
    await vi.advanceTimersByTimeAsync(0)
    answers.mockClear()
    await current.send()
    expect(Object.keys(current.errors.value)).toEqual(['file', 'crs', 'reason'])
    expect(answers).not.toHaveBeenCalled()
  })
})
