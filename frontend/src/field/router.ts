import { shallowRef } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'

import { withTimeout } from './lib/timed'
import { startSession } from './offline/session'
import HomePage from './pages/HomePage.vue'
import SignInPage from './pages/SignInPage.vue'

const PATIENCE = 30_000

/** Why the app could not start (no network at the very first call); the app shows it with a retry. */
export const startError = shallowRef<unknown>(null)

export const router = createRouter({
  history: createWebHistory('/m/'),
  routes: [
    { path: '/', name: 'home', component: HomePage, meta: { tabs: true } },
    { path: '/sign-in', name: 'sign-in', component: SignInPage, meta: { open: true } },
    { path: '/report', name: 'report', component: () => import('./pages/ReportPage.vue') },
    { path: '/sent/:id', name: 'sent', component: () => import('./pages/SentPage.vue'), props: true },
    { path: '/mine', name: 'mine', component: () => import('./pages/MinePage.vue'), meta: { tabs: true } },
    { path: '/cases/:id', name: 'case', component: () => import('./pages/CasePage.vue'), props: true },
    { path: '/patrol', name: 'patrol', component: () => import('./pages/PatrolPage.vue') },
    { path: '/outbox', name: 'outbox', component: () => import('./pages/OutboxPage.vue') },
    { path: '/phone', name: 'phone', component: () => import('./pages/PhonePage.vue') },
    { path: '/me', name: 'me', component: () => import('./pages/MePage.vue'), meta: { tabs: true } },
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
  ],
  // A page that is opened stands at its top already; saying so would measure it before it is drawn.
  scrollBehavior: (_to, from, saved) => saved ?? (from.matched.length > 0 && { top: 0 }),
})

export async function guard(to: RouteLocationNormalized) {
  try {
    const { user } = await withTimeout(startSession(), PATIENCE)
    startError.value = null
    if (!user && !to.meta.open) return { name: 'sign-in', query: { next: to.fullPath } }
    return user && to.name === 'sign-in' ? { name: 'home' } : true
  } catch (error) {
    startError.value = error
    return false
  }
}

router.beforeEach(guard)

/** The part of the app for the page that the address names: the router itself would ask for it only after the guard. */
export function startPart(): void {
  const page = router.resolve(window.location.pathname.replace(/^\/m/, '') || '/').matched.at(-1)?.components?.default
  if (typeof page === 'function') void (page as () => Promise<unknown>)().catch(() => undefined)
}
