// node phones.mjs TOWN.json NET SERVER OUT.json [AT_ONCE]: lives the days of all seeds, several at a time.
import 'fake-indexeddb/auto'

import { readFileSync, writeFileSync } from 'node:fs'

import { live, type Told, type Town } from './day'
import { install } from './net'

const [, , file, net, server, out, atOnce = '12'] = process.argv as string[]
const town = JSON.parse(readFileSync(file!, 'utf8')) as Town & { photo: string }
const photo = Uint8Array.from(Buffer.from(town.photo, 'base64'))
const told: Told[] = []
const waiting = [...town.seeds]

async function work(): Promise<void> {
  for (let row = waiting.shift(); row; row = waiting.shift()) {
    told.push(await live(row, town, { net: net!, server: server! }, photo))
  }
}

install()
await Promise.all(Array.from({ length: Number(atOnce) }, work))
writeFileSync(out!, JSON.stringify(told))
