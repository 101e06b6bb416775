import { createApp } from 'vue'

import '@/shared/styles/tokens.css'

import App from './App.vue'
import { createFieldI18n } from './i18n'
import { breath } from './lib/breath'
import { watchInstall } from './lib/install'
import './offline/patrolKinds'
import { fieldDatabase } from './offline/db'
import { holdApp } from './offline/worker'
import { router, startPart } from './router'
import './ui'
import './styles/field.css'

watchInstall()
holdApp()
// Beside the question of who this is, not after its answer.
startPart()
if (!location.pathname.startsWith('/m/sign-in')) void fieldDatabase()
void Promise.all([createFieldI18n(), breath()]).then(([i18n]) => createApp(App).use(i18n).use(router).mount('#app'))
