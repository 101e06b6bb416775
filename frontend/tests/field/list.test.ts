import { afterEach, describe, expect, it, vi } from 'vitest'

import { calls } from '@/field/api'
import { useCaseList } from '@/field/composables/useCaseList'
import type { CaseRow } from '@/shared/api/types'

const rows = (...ids: number[]) => ids.map((id) => ({ id }) as CaseRow)
afterEach(() => vi.restoreAllMocks())

describe('the list of cases', () => {
  it('follows the cursor and shows no case twice', async () => {
    const ask = vi.spyOn(calls, 'cases')
    ask.mockResolvedValueOnce({ results: rows(1, 2), next: 'c2', previous: null })
    ask.mockResolvedValueOnce({ results: rows(2, 3), next: null, previous: null })
    const list = useCaseList(() => ({ mine: true }))
    await list.reload()
    await list.more()
    await list.more()
    expect(list.rows.value.map((row) => row.id)).toEqual([1, 2, 3])
    expect(ask.mock.calls.map(([, cursor]) => cursor)).toEqual([null, 'c2'])
  })

  it('keeps what it shows when the next page fails', async () => {
    const ask = vi.spyOn(calls, 'cases')
    ask.mockResolvedValueOnce({ results: rows(1), next: 'c2', previous: null })
    ask.mockRejectedValueOnce(new Error('offline'))
    const list = useCaseList(() => ({}))
    await list.reload()
    await list.more()
    expect(list.rows.value).toHaveLength(1)
    expect(list.error.value).toBeTruthy()
  })

  it('shows the newest question’s answer when an older one comes late', async () => {
    let late: (page: { results: CaseRow[]; next: null; previous: null }) => void = () => undefined
    const ask = vi.spyOn(calls, 'cases')
    ask.mockReturnValueOnce(new Promise((resolve) => (late = resolve)))
    ask.mockResolvedValueOnce({ results: rows(2), next: null, previous: null })
    const list = useCaseList(() => ({}))
    const first = list.reload()
    await list.reload()
    late({ results: rows(1), next: null, previous: null })
    await first
    expect(list.rows.value.map((row) => row.id)).toEqual([2])
  })
})
