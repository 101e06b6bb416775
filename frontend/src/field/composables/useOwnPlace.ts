import { computed } from 'vue'

import type { Area } from '@/shared/api/types'
import { useSession } from '@/shared/session'

import { useCells } from './useLists'

/** The cells this person works in, told by the posts: the server lists the whole town, neighbours included. */
export function useOwnPlace() {
  const { user } = useSession()
  const cells = useCells()
  const codes = computed(() => [...new Set(user.value?.posts.map((post) => post.area.code) ?? [])])
  // A code begins with the codes of the areas around it: town 9 digits, village 12, cell 15.
  const isOwn = (area: Area) => codes.value.some((code) => area.code.startsWith(code))

  /** Known from the session alone, so that it needs no signal. */
  const onlyCell = computed(() => {
    const posts = user.value?.posts ?? []
    const [first, ...others] = posts
    const one = first?.area.level === 'cell' && others.every((post) => post.area.code === first.area.code)
    return first && one ? { code: first.area.code, name: first.area.name } : null
  })
  const own = computed(() => cells.rows.value.filter(isOwn))
  const ownFirst = computed(() => [...own.value, ...cells.rows.value.filter((area) => !isOwn(area))])

  return { cells, own, ownFirst, onlyCell }
}
