import 'fake-indexeddb/auto'

import { beforeEach, expect, it, vi } from 'vitest'

import { createCachedList } from '@/field/composables/useCached'
import { removeDatabase } from '@/field/offline/db'
import { ApiError } from '@/shared/api/client'

const asked = vi.fn()
const listFor = (language: string) => createCachedList<string>('categories', asked, () => ({ owner: '1', language }))

beforeEach(async () => {
  asked.mockReset().mockResolvedValueOnce({ results: ['垃圾'] })
  await removeDatabase()
  await listFor('zh-hans').load()
})

it('is shown as it was kept, and not asked for again', async () => {
  const list = listFor('zh-hans')
  await list.load()
  expect(list.rows.value).toEqual(['垃圾'])
  expect(asked).toHaveBeenCalledTimes(1)
})

it('is asked for in the other language', async () => {
  asked.mockResolvedValueOnce({ results: ['Waste'] })
  const list = listFor('en')
  await list.load()
  expect(list.rows.value).toEqual(['Waste'])
})

it('stands in the language of before while there is no signal', async () => {
  asked.mockRejectedValueOnce(new ApiError(0, 'network', ''))
  const list = listFor('en')
  await list.load()
  expect(list.rows.value).toEqual(['垃圾'])
  expect(list.error.value).toBeNull()
})
