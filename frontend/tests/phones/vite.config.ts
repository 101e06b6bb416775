import { fileURLToPath, URL } from 'node:url'

import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The phones of tests/scenarios/test_phones_without_signal.py: the app's own offline parts, in one file for node. */
export default defineConfig({
  root: here('.'),
  logLevel: 'warn',
  resolve: { alias: { '@': here('../../src') } },
  ssr: { noExternal: true },
  build: { ssr: here('./run.ts'), minify: false, rolldownOptions: { output: { entryFileNames: 'phones.mjs' } } },
})
