import { createApp } from 'vue'

import { createAppI18n } from '@/shared/i18n'
import '@/shared/styles/tokens.css'

import App from './App.vue'
import en from './i18n/en'
import zh from './i18n/zh'
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
createApp(App).use(createAppI18n({ zh, en })).use(router).mount('#app')
