// First-load budgets: the HTML, what it names, and every script those import statically. Lazy chunks do not count.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../dist')
const KIB = 1024
const budgets = { 'center.html': 300 * KIB, 'field.html': 150 * KIB }

const BASE = '/static/app/'

function named(html) {
  // `content`: what look.js fetches early.
  return [...html.matchAll(/(?:src|href|content)="\/static\/app\/([^"]+\.(?:js|css))"/g)].map((match) => match[1])
}

function staticImports(file) {
  if (!file.endsWith('.js')) return []
  const code = readFileSync(join(dist, file), 'utf8')
  // `import"./x.js"` and `from"./x.js"` are static; `import("./x.js")` is lazy and has a bracket.
  return [...code.matchAll(/(?:\bimport|\bfrom)\s*["'`]([^"'`]+\.js)["'`]/g)].map((match) =>
    match[1].startsWith(BASE) ? match[1].slice(BASE.length) : join(dirname(file), match[1]),
  )
}

function firstLoad(page) {
  const seen = new Set()
  const queue = named(readFileSync(join(dist, page), 'utf8'))
  while (queue.length) {
    const file = queue.pop()
    if (seen.has(file)) continue
    seen.add(file)
    queue.push(...staticImports(file))
  }
  return [page, ...seen]
}

if (!existsSync(join(dist, 'center.html'))) {
  process.stderr.write('budget: dist/center.html is missing; run `npm run build` first\n')
  process.exit(1)
}

let failed = false
for (const [page, budget] of Object.entries(budgets)) {
  if (!existsSync(join(dist, page))) {
    process.stderr.write(`budget: dist/${page} is missing\n`)
    failed = true
    continue
  }
  const files = firstLoad(page)
  const packed = (pack) => files.reduce((sum, file) => sum + pack(readFileSync(join(dist, file))).length, 0)
  const size = packed(gzipSync)
  const verdict = size <= budget ? 'ok' : 'TOO BIG'
  failed ||= size > budget
  process.stdout.write(`${page}: ${(size / KIB).toFixed(1)} KiB gz of ${budget / KIB} (${files.length} files, ${(packed(brotliCompressSync) / KIB).toFixed(1)} KiB br) ${verdict}\n`)
}
process.exit(failed ? 1 : 0)
