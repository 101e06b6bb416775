import { watch } from 'vue'

import { useSession } from '@/shared/session'

import { calls } from '../api'
import { createCachedList, type Whose } from './useCached'

/** Set once the app runs: outside of it nothing is kept. */
let whose: () => Whose | null = () => null
const asker = () => whose()

const categories = createCachedList('categories', () => calls.categories(), asker)
const questions = createCachedList('questions', () => calls.questions(), asker)
const cells = createCachedList('cells', () => calls.cells(), asker)
const water = createCachedList('water', () => calls.water(), asker)
const organisations = createCachedList('organisations', () => calls.organisations(), asker)

/** Only for those who walk: their first page asks for it. */
const patrolAreas = createCachedList('patrolAreas', () => calls.patrolAreas(), asker)

export const useCategories = () => categories
export const useQuestions = () => questions
export const useCells = () => cells
export const useWater = () => water
export const useOrganisations = () => organisations
export const usePatrolAreas = () => patrolAreas

/** Lists depend on who asks and in which language; another person must not see the last one's. */
export function forgetListsOnChange(): void {
  const { user, language } = useSession()
  whose = () => (user.value ? { owner: String(user.value.id), language: language.value } : null)
  watch([() => user.value?.id, language], () => {
    for (const list of [categories, questions, cells, water, organisations, patrolAreas]) list.forget()
  })
}

/** Everything that a report needs of lists, so that it can be written where there is no signal. */
export async function holdLists(): Promise<void> {
  for (const list of [categories, questions, cells, water, organisations]) await list.load()
}
