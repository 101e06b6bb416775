import { createRouter, createWebHistory } from 'vue-router'

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [{ path: '/:rest(.*)*', component: () => import('./pages/NotFound.vue') }],
})
