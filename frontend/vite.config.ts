import { existsSync } from 'node:fs'
import { fileURLToPath, URL } from 'node:url'

import { VantResolver } from '@vant/auto-import-resolver'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const pages = ['center', 'field']
  .map((name) => [name, here(`./${name}.html`)] as const)
  .filter(([, file]) => existsSync(file))

const backend = process.env.WANGGE_BACKEND ?? 'http://127.0.0.1:8000'
const forwarded = ['/api', '/admin', '/sse', '/static/admin', '/healthz', '/readyz']

/** The phone's store is a part of its own, which look.js fetches early; this tells it the name that the build gave. */
const nameTheStore: Plugin = {
  name: 'wangge-store',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle, filename }) {
      const store = Object.values(bundle ?? {}).find((part) => part.type === 'chunk' && part.name === 'database')
      if (!store || !filename.endsWith('field.html')) return html
      return html.replace('</title>', `</title>\n    <meta name="wangge-store" content="/static/app/${store.fileName}" />`)
    },
  },
}

export default defineConfig({
  base: '/static/app/',
  // Parts of vue-i18n that nobody here uses stay out of the first load.
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  resolve: { alias: { '@': here('./src') } },
  plugins: [
    vue(),
    nameTheStore,
    Components({
      // Only the two component libraries: our own components are imported by name, so that a page's imports say
      // what it is made of. `dirs: []` keeps a field component from leaking into the center app.
      dirs: [],
      dts: false,
      resolvers: [VantResolver(), ElementPlusResolver()],
    }),
  ],
  build: {
    outDir: 'dist',
    // The service worker keeps what the field app leads to.
    manifest: true,
    // The content security policy allows scripts from 'self' only; inlined data: scripts would be refused.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(pages),
      // A village signal pays for every request: what each first load needs comes in few pieces.
      output: {
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules\/(@vue|vue|vue-router|vue-i18n|@intlify)\// },
            { name: 'shared', test: /src\/shared\/(?!map\/|i18n\/en)/ },
            { name: 'work', test: /src\/field\/(lib\/(errors|timed|states|draft|photo|recording)|offline\/(db|doing|kinds|live|lock|outbox|room|session|sync|unnoted|wipe|work|worker)|composables\/(useOutbox|useOnline|useNotice|useLists|useCached))\.ts/ },
          ],
        },
      },
    },
  },
  server: { proxy: Object.fromEntries(forwarded.map((path) => [path, { target: backend }])) },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    server: { deps: { inline: ['element-plus', 'vant'] } },
  },
})
