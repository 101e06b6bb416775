import { computed, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { api } from '@/shared/api/client'
import type { Area, Category, Listing } from '@/shared/api/types'

export interface OptionGroup {
  code: string
  name: string
  options: { code: string; name: string }[]
}

/** Two levels of rows as groups: the parent is the group, its children the options. */
export function grouped(parents: { code: string; name: string }[], children: { code: string; name: string; parent: string | null }[]): OptionGroup[] {
  return parents.map((parent) => ({
    code: parent.code,
    name: parent.name,
    options: children.filter((child) => child.parent === parent.code).map(({ code, name }) => ({ code, name })),
  }))
}

export function useCategories() {
  const { locale } = useI18n({ useScope: 'global' })
  const rows = shallowRef<Category[]>([])
  void api.get<Listing<Category>>('categories/').then(
    (answer) => (rows.value = answer.results),
    // The filter stays empty; the page it belongs to says that the network is gone.
    () => undefined,
  )
  const groups = computed(() => {
    const named = rows.value.map((row) => ({ ...row, name: locale.value === 'en' ? row.name_en : row.name_zh }))
    return grouped(named.filter((row) => !row.parent), named.filter((row) => row.parent))
  })
  return { groups }
}

export function useAreaGroups() {
  const villages = shallowRef<Area[]>([])
  const cells = shallowRef<Area[]>([])
  const { locale } = useI18n({ useScope: 'global' })
  async function load(): Promise<void> {
    try {
      const answers = await Promise.all(['village', 'cell'].map((level) => api.get<Listing<Area>>('areas/', { level })))
      villages.value = answers[0]!.results
      cells.value = answers[1]!.results
    } catch {
      // As above: an empty filter beside a page that shows the error.
    }
  }
  void load()
  watch(locale, load)
  return { villages, cells, groups: computed(() => grouped(villages.value, cells.value)) }
}
