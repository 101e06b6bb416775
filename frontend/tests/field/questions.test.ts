import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, reactive } from 'vue'

import { calls } from '@/field/api'
import QuestionsSection from '@/field/components/QuestionsSection.vue'
import { matterOf, useSimilar } from '@/field/composables/useSimilar'
import { emptyDraft, samePayload, toPayload } from '@/field/lib/draft'
import { answersTo, questionsOf, unanswered } from '@/field/lib/questions'
import type { Question, Similar } from '@/shared/api/types'

import { CATEGORIES, i18n } from './fakes'

const ask = (category: string, key: string, required = false, kind: Question['kind'] = 'text'): Question => ({ category, key, kind, label: key, required, choices: null })
const QUESTIONS = [ask('A', 'people', true), ask('A01', 'months'), ask('B', 'blocked'), ask('J', 'hurt', true)]
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the questions of a category', () => {
  const of = (code: string | null) => questionsOf(code, QUESTIONS, CATEGORIES)

  it('are its own and those of its first level', () => {
    expect(of('A01').map((one) => one.key)).toEqual(['people', 'months'])
    expect(of('C01')).toEqual([])
    expect(of(null)).toEqual([])
  })

  it('demand nothing in an emergency', () => {
    expect(unanswered(of('J01'), {})).toEqual([])
    expect(unanswered(of('A01'), { people: ' ' }).map((one) => one.key)).toEqual(['people'])
    expect(unanswered(of('A01'), { people: '3' })).toEqual([])
  })

  it('lose their answers when another category is chosen', () => {
    expect(answersTo(of('B01'), { people: '3', blocked: 'no' })).toEqual({ blocked: 'no' })
  })

  it('are answered with a tap or a word', async () => {
    const change = vi.fn()
    const asked = [{ ...ask('B', 'blocked', true, 'choice'), choices: [{ value: 'no', label: '不影响' }] }]
    const section = mount(QuestionsSection, { props: { asked, photos: [], modelValue: reactive<Record<string, string>>({}), 'onUpdate:modelValue': change }, global: { plugins: [i18n()] } })
    await section.get('input[type=radio]').setValue(true)
    expect(section.props('modelValue')).toEqual({ blocked: 'no' })
    expect(section.text()).toContain('必填')
  })
})

describe('the answers in a report', () => {
  it('go with it, and are left out where nothing was answered', () => {
    const draft = { ...emptyDraft(), answers: { people: '3', months: ' ' } }
    expect(toPayload(draft).answers).toEqual({ people: '3' })
    expect(toPayload(emptyDraft())).not.toHaveProperty('answers')
  })

  it('make it another report when they change, and the same when they do not', () => {
    const payload = { client_id: 'u', category: 'A01', description: 'x', reported_at: 't' }
    expect(samePayload({ ...payload, answers: { people: '3' } }, { ...payload, answers: { people: '3' } })).toBe(true)
    expect(samePayload({ ...payload, answers: { people: '3' } }, { ...payload, answers: { people: '4' } })).toBe(false)
  })
})

describe('what may be reported already', () => {
  const point = { kind: 'point' as const, lon: 116.1, lat: 23.2, accuracy: 8, source: 'gps' as const }

  it('is asked for once place and category are known, by cell or by point', () => {
    expect(matterOf({ place: null, category: 'A01', description: '' })).toBeNull()
    expect(matterOf({ place: point, category: null, description: '' })).toBeNull()
    expect(matterOf({ place: point, category: 'A01', description: ' 灯坏 ' })).toEqual({ lon: 116.1, lat: 23.2, category: 'A01', text: '灯坏' })
    expect(matterOf({ place: { kind: 'cell', code: '990000100201001', name: '' }, category: 'A01', description: '' })).toMatchObject({ area: '990000100201001' })
  })

  it('is three at most, asked a moment after the last change, and none without a net', async () => {
    vi.useFakeTimers()
    const draft = reactive({ ...emptyDraft(), place: point, category: 'A01' })
    const call = vi.spyOn(calls, 'similar').mockResolvedValue({ results: [1, 2, 3, 4].map((id) => ({ case: { id } }) as Similar) })
    const scope = effectScope()
    const { found } = scope.run(() => useSimilar(() => draft))!
    draft.description = '灯'
    await nextTick()
    await vi.advanceTimersByTimeAsync(700)
    expect([call.mock.calls.length, found.value.length]).toEqual([1, 3])
    call.mockRejectedValue(new Error('offline'))
    draft.description = '灯坏'
    await nextTick()
    await vi.advanceTimersByTimeAsync(700)
    expect(found.value).toEqual([])
    scope.stop()
  })
})
