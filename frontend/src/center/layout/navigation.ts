import type { Me } from '@/shared/api/types'

import type { IconName } from './Icon.vue'

export interface NavItem {
  name: string
  label: string
  icon: IconName
  /** A page outside this app (the field app, the admin): a plain link instead of a route. */
  href?: string
}

const ALL: (NavItem & { needs: keyof Me['can'] })[] = [
  { name: 'overview', label: 'nav.overview', icon: 'map', needs: 'map' },
  { name: 'queue', label: 'nav.queue', icon: 'list', needs: 'queue' },
  { name: 'grid', label: 'nav.grid', icon: 'grid', needs: 'ground' },
  { name: 'weekly', label: 'nav.weekly', icon: 'chart', needs: 'weekly' },
  { name: 'mailbox', label: 'nav.mailbox', icon: 'mail', needs: 'mailbox' },
  { name: 'field', label: 'nav.field', icon: 'phone', needs: 'report', href: '/m/' },
  { name: 'admin', label: 'nav.admin', icon: 'cog', needs: 'admin', href: '/admin/' },
]

/** Only what the server says this person can do: no entry leads to a refusal. */
export function navigationOf(user: Me): NavItem[] {
  const own = ALL.filter((item) => user.can[item.needs]).map(({ needs, ...item }) => item)
  const desk: NavItem = { name: 'desk', label: 'nav.desk', icon: 'pin' }
  return user.can.map || user.can.queue ? own : [desk, ...own]
}
