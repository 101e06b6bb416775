import { watch } from 'vue'

import { useSession } from '@/shared/session'

import { calls } from '../api'
import { createCachedList } from './useCached'

const categories = createCachedList(() => calls.categories())
const questions = createCachedList(() => calls.questions())
const cells = createCachedList(() => calls.cells())
const water = createCachedList(() => calls.water())
const organisations = createCachedList(() => calls.organisations())

export const useCategories = () => categories
export const useQuestions = () => questions
export const useCells = () => cells
export const useWater = () => water
export const useOrganisations = () => organisations

/** Lists depend on who asks and in which language; another person must not see the last one's. */
export function forgetListsOnChange(): void {
  const { user, language } = useSession()
  watch([() => user.value?.id, language], () => {
    for (const list of [categories, questions, cells, water, organisations]) list.forget()
  })
}
