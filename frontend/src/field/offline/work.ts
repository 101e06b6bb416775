import { ref, shallowRef } from 'vue'

import { ApiError } from '@/shared/api/client'

import { fieldDatabase, type FieldDatabase } from './db'
import { alone } from './lock'
import { askOutcomes } from './outcomes'
import { flush, hurry, keep, tidy, type Run } from './outbox'
import { ranOut } from './room'
import { download } from './sync'
import { askToStay } from './worker'

/** What the strip above the page says of the exchange with the server. */
export type Exchange = 'idle' | 'sending' | 'offline' | 'signed-out' | 'failed'

interface Person {
  owner: string
  language: string
}

const exchange = ref<Exchange>('idle')
const problem = shallowRef<unknown>(null)
let person: Person | null = null
let again = false

const SAYS: Record<Run, Exchange> = { empty: 'idle', later: 'idle', offline: 'offline', 'signed-out': 'signed-out' }

function saysOf(failure: unknown): Exchange {
  if (!(failure instanceof ApiError)) return 'failed'
  return failure.offline ? 'offline' : failure.status === 401 ? 'signed-out' : 'failed'
}

/** What was done here goes first: what comes down then knows of it. */
async function exchangeOnce(database: FieldDatabase, { owner, language }: Person): Promise<Exchange> {
  // They stay where they are if there is no room to move them.
  await takeUpOldPhotos(database, owner).catch(() => undefined)
  const sent = SAYS[await flush(database, owner)]
  if (sent !== 'idle') return sent
  await download(database, owner, language)
  await askOutcomes(database, owner)
  await tidy(database, owner)
  return 'idle'
}

async function run(): Promise<void> {
  const database = await fieldDatabase()
  if (!database || !person) return
  exchange.value = 'sending'
  problem.value = null
  try {
    exchange.value = await exchangeOnce(database, person)
    if (exchange.value === 'idle') lastAt = Date.now()
  } catch (failure) {
    ranOut(failure)
    problem.value = failure
    exchange.value = saysOf(failure)
  }
}

/** The exchange that this tab has begun or waits to begin. */
let going: Promise<void> | null = null
/** When the last one that came through was over (milliseconds since 1970). */
let lastAt = 0

async function exchangeAll(): Promise<void> {
  await alone('exchange', async () => {
    while (again) {
      again = false
      await run()
    }
  })
}

/** Sends and fetches all there is by now; over when it was tried. While another runs, it runs once more afterwards. */
export async function exchangeNow(): Promise<void> {
  again = true
  going ??= exchangeAll().finally(() => (going = null))
  await going
  // Asked for in the last moment of the one before.
  if (again) await exchangeNow()
}

const JUST_NOW = 5_000

/** For a page that opens: what is being exchanged, or was a moment ago, does. */
export async function exchangeUnlessJustNow(): Promise<void> {
  if (going || Date.now() - lastAt < JUST_NOW) return going ?? undefined
  await exchangeNow()
}

/** The person's wish: no wait counts. */
export async function sendNow(): Promise<void> {
  const database = await fieldDatabase()
  if (database && person) await hurry(database, person.owner)
  await exchangeNow()
}

const EVERY = 60_000
let timer: ReturnType<typeof setInterval> | undefined

/** Photos that an earlier edition of the app had not sent yet go the way of all others. */
async function takeUpOldPhotos(database: FieldDatabase, owner: string): Promise<void> {
  const old = await database.photos.where('owner').equals(owner).toArray()
  if (!old.length) return
  const items = old.map((photo) => ({
    ...{ id: photo.clientId, owner, kind: 'file', lane: `case-number:${photo.caseId}`, body: {}, title: 'photo' },
    caseId: Number(photo.caseId),
    blob: photo.blob,
  }))
  await keep(database, items, () => database.photos.bulkDelete(old.map((photo) => photo.clientId)))
}

/** From here on everything of this person is exchanged whenever there is a net; over when the first try is. */
export async function beginWork(owner: string, language: string): Promise<void> {
  person = { owner, language }
  lastAt = 0
  clearInterval(timer)
  timer = setInterval(() => document.visibilityState === 'visible' && void exchangeNow(), EVERY)
  void askToStay()
  await exchangeNow()
}

export function endWork(): void {
  person = null
  clearInterval(timer)
  exchange.value = 'idle'
}

export const useExchange = () => ({ exchange, problem, exchangeNow, exchangeUnlessJustNow, sendNow })
