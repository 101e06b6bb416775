// After the build: the field app's service worker, which keeps what the app is made of on the phone.
// Only the shell and its files: nothing that the API, the admin or the live stream says passes through it.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { generateSW } from 'workbox-build'

const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../dist')
const BASE = '/static/app/'
const SHELL = '/m/'

/** Everything that field.html leads to, lazy parts included. */
function filesOfField() {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
  const files = new Set(['field.html', 'look.js'])
  const seen = new Set()
  const queue = ['field.html']
  while (queue.length) {
    const name = queue.pop()
    if (seen.has(name) || !manifest[name]) continue
    seen.add(name)
    const { file, css = [], assets = [], imports = [], dynamicImports = [] } = manifest[name]
    for (const one of [file, ...css, ...assets]) files.add(one)
    queue.push(...imports, ...dynamicImports)
  }
  return [...files].filter((file) => existsSync(join(dist, file)))
}

const { count, size, warnings } = await generateSW({
  swDest: join(dist, 'sw.js'),
  globDirectory: dist,
  globPatterns: filesOfField(),
  // Names with a hash need no second one.
  dontCacheBustURLsMatching: /assets\/.+-[\w-]{8}\./,
  manifestTransforms: [
    (entries) => ({
      manifest: entries.map((entry) => ({ ...entry, url: entry.url === 'field.html' ? SHELL : BASE + entry.url })),
      warnings: [],
    }),
  ],
  navigateFallback: SHELL,
  navigateFallbackAllowlist: [/^\/m\//],
  navigateFallbackDenylist: [/^\/api\//, /^\/admin/, /^\/sse\//, /^\/m\/(sw\.js|manifest)/],
  cleanupOutdatedCaches: true,
  clientsClaim: true,
  skipWaiting: true,
  inlineWorkboxRuntime: true,
  sourcemap: false,
  mode: 'production',
  cacheId: 'wangge-field',
})
for (const warning of warnings) process.stderr.write(`${warning}\n`)
process.stdout.write(`service worker: ${count} files, ${(size / 1024).toFixed(0)} KiB\n`)
if (warnings.length) process.exit(1)
