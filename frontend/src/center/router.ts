import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'

import type { Me } from '@/shared/api/types'
import { loadSession } from '@/shared/session'

import Offline from './pages/Offline.vue'

type Permission = keyof Me['can']

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page title. */
    title?: string
    /** What the person must be able to do; without it the page is not offered and answers as not found. */
    needs?: Permission
    /** Shown without the shell, also to those who are not signed in. */
    bare?: boolean
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'overview', component: () => import('./pages/Overview.vue'), meta: { title: 'nav.overview', needs: 'map' } },
  { path: '/cases', name: 'queue', component: () => import('./pages/Queue.vue'), meta: { title: 'nav.queue', needs: 'queue' } },
  { path: '/cases/:id(\\d+)', name: 'case', component: () => import('./pages/CasePage.vue'), props: (to) => ({ id: Number(to.params.id) }), meta: { title: 'nav.case', needs: 'queue' } },
  { path: '/grid/import', name: 'grid-import', component: () => import('./pages/GroundImport.vue'), meta: { title: 'nav.gridImport', needs: 'redraw' } },
  { path: '/grid/:code(\\d+)?', name: 'grid', component: () => import('./pages/Ground.vue'), props: true, meta: { title: 'nav.grid', needs: 'ground' } },
  { path: '/reports/weekly', name: 'weekly', component: () => import('./pages/Weekly.vue'), meta: { title: 'nav.weekly', needs: 'weekly' } },
  { path: '/mailbox/:id?', name: 'mailbox', component: () => import('./pages/Mailbox.vue'), props: true, meta: { title: 'nav.mailbox', needs: 'mailbox' } },
  { path: '/desk', name: 'desk', component: () => import('./pages/Desk.vue'), meta: { title: 'nav.desk' } },
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: 'session.signIn', bare: true } },
  { path: '/offline', name: 'offline', component: Offline, meta: { bare: true } },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFound.vue'), meta: { title: 'nav.notFound', bare: true } },
]

/** Where a person starts: the map if they may see it, else the queue, else a desk that says what they can do. */
export function homeOf(user: Me): string {
  if (user.can.map) return 'overview'
  return user.can.queue ? 'queue' : 'desk'
}

function redirectFor(to: RouteLocationNormalized, user: Me | null) {
  if (!user) return to.meta.bare ? true : { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (to.name === 'sign-in') return { name: homeOf(user) }
  if (!to.meta.needs || user.can[to.meta.needs]) return true
  // The start page leads everybody to where they can work; other closed pages are told like unknown ones.
  return to.name === 'overview' ? { name: homeOf(user) } : { name: 'not-found', params: { rest: to.path.slice(1).split('/') } }
}

export const router = createRouter({
  history: createWebHistory('/'),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  if (to.name === 'offline') return true
  try {
    const session = await loadSession()
    return redirectFor(to, session.user)
  } catch {
    return { name: 'offline', query: { next: to.fullPath } }
  }
})

// A page's code that does not come: the network is gone, or a new version has replaced the files. The offline page is
// part of the first load, and its button loads the wanted page anew, which mends both.
router.onError((_error, to) => router.replace({ name: 'offline', query: { next: to.fullPath } }))
