import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import ActMenu from '@/center/components/ActMenu.vue'
import centerEn from '@/center/i18n/en'
import centerZh from '@/center/i18n/zh'
import { groupsOf, splitActs } from '@/shared/actGroups'
import type { CaseDetail, CaseEvent } from '@/shared/api/types'
import { marksOf } from '@/shared/caseMarks'
import { namesOf, needsUnits } from '@/shared/caseNames'
import { eventWords } from '@/shared/eventWords'
import { createAppI18n } from '@/shared/i18n'
import { standingOf } from '@/shared/standing'

const i18n = createAppI18n({ zh: centerZh, en: centerEn })
const t = i18n.global.t as (key: string, values?: Record<string, unknown>) => string
const act = (name: string, primary = false) => ({ act: name, name, primary, fields: [] }) as unknown as CaseDetail['acts'][number]
const NOW = new Date('2026-11-25T02:00:00Z')

function row(changed: Partial<CaseDetail> = {}): CaseDetail {
  const plain = { state: 'processing', lead_org: { id: 3, name: '综合执法办' }, assignee: null, assistants: [], asked: null, supervision: null, acts: [], first_responsible: false, authority: '', take_due_at: null, archive_due_at: null }
  return { ...plain, ...changed } as unknown as CaseDetail
}
const event = (act: string, text = '', data: Record<string, unknown> = {}) => ({ act, text, data, actor: { id: 5, name: '黄主任' } }) as unknown as CaseEvent
const notes = (changed: Partial<CaseDetail>, events: CaseEvent[] = []) => standingOf(row(changed), events, t, 'zh-hans', NOW)

describe('what matters about a case now', () => {
  it('is nothing for a case in its ordinary course', () => {
    expect(notes({})).toEqual([])
  })

  it('is the information wanted, in the words it was asked last', () => {
    const asked = [event('return_for_info', '哪一栋？'), event('submit', '二栋'), event('return_for_info', '几楼？')]
    expect(notes({ state: 'draft' }, asked)).toMatchObject([{ key: 'wanted', words: '几楼？' }])
    expect(notes({ state: 'reported' }, asked)).toEqual([])
  })

  it('is a request, with yes and no for those whose decision it is', () => {
    const asked = { for: 'extension', amount: 3, until: null } as CaseDetail['asked']
    const [note] = notes({ asked, acts: [act('extend'), act('refuse_extension')] }, [event('ask_extension', '等配件')])
    expect(note).toMatchObject({ key: 'asked', words: '等配件' })
    expect(note!.choices).toMatchObject([{ act: 'extend', known: { amount: 3 } }, { act: 'refuse_extension', known: {} }])
    expect(notes({ asked })[0]!.choices).toEqual([])
  })

  it('starts the form of a suspension with the day and the words of the unit', () => {
    const asked = { for: 'suspension', amount: null, until: '2026-12-05' } as CaseDetail['asked']
    const [note] = notes({ asked, acts: [act('suspend')] }, [event('ask_suspension', '等检测报告')])
    expect(note!.choices).toMatchObject([{ act: 'suspend', known: { until: '2026-12-05', text: '等检测报告' } }])
  })

  it('is a supervision in the colour of its card, late or replied to', () => {
    const card = { level: 'red', level_name: '红牌督办', by: { id: 1, name: '李书记' }, due_at: '2026-11-24T02:00:00Z', replied_at: null }
    const supervision = card as CaseDetail['supervision']
    expect(notes({ supervision, acts: [act('supervision_reply')] })[0]).toMatchObject({ tone: 'red', late: true, choices: [{ act: 'supervision_reply' }] })
    const replied = { ...card, replied_at: '2026-11-23T02:00:00Z' } as CaseDetail['supervision']
    expect(notes({ supervision: replied, acts: [act('supervision_reply')] })[0]).toMatchObject({ late: false, choices: [] })
  })

  it('names who has it, only while they have it', () => {
    expect(notes({ state: 'escalated', authority: '县综治中心' })[0]!.title).toContain('县综治中心')
    expect(notes({ state: 'processing', authority: '县综治中心' })).toEqual([])
  })

  it('shows the clock for taking over while it runs, and the one for archiving after closing', () => {
    const due = { take_due_at: '2026-11-25T01:00:00Z', archive_due_at: '2026-12-25T01:00:00Z' }
    expect(notes({ state: 'assigned', ...due })).toMatchObject([{ key: 'take', late: true, tone: 'red' }])
    expect(notes({ state: 'closed', ...due })).toMatchObject([{ key: 'archive', late: false }])
    expect(notes({ state: 'processing', ...due })).toEqual([])
  })
})

describe('the marks of a row', () => {
  it('are read from rows and from the case page alike', () => {
    const fromRow = marksOf({ state: 'processing', level: 'grave', supervision_level: 'yellow', asked_for: 'extension' }, t)
    const fromPage = marksOf({ state: 'processing', level: 'grave', supervision: { level: 'yellow' }, asked: { for: 'extension' } }, t)
    expect(fromRow).toEqual(fromPage)
    expect(fromRow.map((mark) => mark.tone)).toEqual(['red', 'yellow', 'blue'])
  })

  it('are none for an ordinary case, or where the list does not tell', () => {
    expect(marksOf({ state: 'processing' }, t)).toEqual([])
    expect(marksOf({ state: 'processing', level: 'general', supervision_level: null, asked_for: null, self_handled: false }, t)).toEqual([])
  })
})

describe('the acts of a case', () => {
  const many = [act('feedback', true), act('ask_extension'), act('reassign'), act('meet'), act('comment'), act('cancel')]

  it('have the main ones in front and the rest in groups, none lost', () => {
    const { direct, more } = splitActs(many, 2)
    expect(direct.map((one) => one.act)).toEqual(['feedback'])
    expect(groupsOf(more).map(({ group, acts }) => [group, ...acts.map((one) => one.act)])).toEqual([
      ['handle', 'ask_extension'],
      ['help', 'meet', 'comment'],
      ['refer', 'reassign'],
      ['end', 'cancel'],
    ])
  })

  it('need no menu for few', () => {
    expect(splitActs(many.slice(0, 3), 2)).toMatchObject({ more: [] })
    expect(splitActs([act('comment')], 2)).toMatchObject({ direct: [{ act: 'comment' }], more: [] })
  })

  it('of a newer server are still reached', () => {
    expect(groupsOf([act('something_new')])).toMatchObject([{ group: 'handle', acts: [{ act: 'something_new' }] }])
  })

  it('are opened with a button that says whether they are open', async () => {
    const menu = mount(ActMenu, { props: { acts: many }, global: { plugins: [i18n] } })
    const toggle = menu.get('button.toggle')
    expect(toggle.attributes('aria-expanded')).toBe('false')
    await toggle.trigger('click')
    expect(toggle.attributes('aria-expanded')).toBe('true')
    await menu.findAll('.groups button').find((one) => one.text() === 'Reassign')!.trigger('click')
    expect(menu.emitted('choose')![0]).toMatchObject([{ act: 'reassign' }])
  })
})

describe('the words of an event', () => {
  const names = { person: (id: number) => (id === 8 ? '陈工' : undefined), unit: (id: number) => (id === 4 ? '派出所' : undefined) }
  const said = (name: string, data: Record<string, unknown>) => eventWords({ act: name, data } as never, t, 'zh-hans', names)

  it('tell what was given, asked for and refused', () => {
    expect(said('ask_extension', { amount: 3 })[0]).toContain('3')
    expect(said('extend', { amount: 2, asked_amount: 3 })[0]).toMatch(/2.*3/)
    expect(said('refuse_extension', { asked_amount: 3 })[0]).toContain('3')
  })

  it('tell who took over, which unit, the hop and the first to answer', () => {
    const data = { organisation: 4, organisation_name: '派出所', assignee: 8, assistants: [4, 9], hop: 3, first_responsible: true }
    const words = said('assign', data).join('\n')
    for (const part of ['派出所', '陈工', '3', '首问责任']) expect(words).toContain(part)
    expect(said('reassign', { assignee: 8, organisation: 4 }).join()).toContain('转交给 陈工')
  })

  it('tell the card, the authority, and the clock before and after', () => {
    expect(said('supervise', { supervision: 'red', level: '990000100', due_at: null })).toEqual(['红牌督办'])
    expect(said('escalate', { authority: '县综治中心', upper_due_at: null })).toEqual(['去向：县综治中心'])
    const moved = said('clock_changed', { stage: 'handle', due_before: '2026-12-01T10:00:00+00:00', due_at: '2026-12-02T10:00:00+00:00', basis: '国办通知' })
    expect(moved[0]).toMatch(/01.*02/)
    expect(moved.slice(1)).toEqual(['依据：国办通知'])
  })

  it('say nothing of what they do not know, and break on nothing', () => {
    expect(said('assign', { assignee: 99, due_at: 'soon', level: 'purple', assistants: null, amount: '3' })).toEqual([])
    expect(eventWords({ act: 'assign', data: undefined } as never, t, 'en')).toEqual([])
  })
})

describe('the names in a history', () => {
  it('come from the case and its events before the list of units is asked', () => {
    const events = [event('assign', '', { assignee: 8, assistants: [4] })]
    const alone = namesOf(row({ assistants: [{ id: 4, name: '派出所' }] }), events, [])
    expect([alone.unit(3), alone.unit(4), alone.person(5), alone.person(8)]).toEqual(['综合执法办', '派出所', '黄主任', undefined])
    expect(needsUnits(events, alone)).toBe(true)
    const units = [{ id: 3, name: '综合执法办', members: [{ id: 8, name: '陈工' }] }] as never
    expect(needsUnits(events, namesOf(row({ assistants: [{ id: 4, name: '派出所' }] }), events, units))).toBe(false)
  })
})
