import { deviceCalls, forgetDeviceId } from '../lib/device'

import { fieldDatabase, removeDatabase } from './db'
import { keepSession } from './session'

/** Keys of this app that say nothing of anybody. */
const HARMLESS = /^wangge\.(language|look|device|install)/

function forgetWords(which: (key: string) => boolean): void {
  for (const key of Object.keys(localStorage)) if (which(key)) localStorage.removeItem(key)
}
const ofPerson = (owner: string) => new RegExp(`^wangge\\.(act|results|recentCategories)\\.${owner}(\\.|$)`)

/** Nothing of one person's is left; what another person of this phone has not sent yet stays. */
export async function wipePerson(owner: string): Promise<void> {
  const database = await fieldDatabase()
  if (database) {
    const tables = [database.outbox, database.blobs, database.cases, database.lists, database.photos, database.points, database.rounds]
    await database.transaction('rw', [...tables, database.drafts, database.notes], async () => {
      for (const table of tables) await table.where('owner').equals(owner).delete()
      await database.drafts.delete(owner)
      await database.notes.where('key').startsWith(`cursor:${owner}:`).delete()
      await database.notes.delete(`synced:${owner}`)
    })
  }
  keepSession(null)
  forgetWords((key) => ofPerson(owner).test(key))
}

/** Nothing of anybody is left on this phone. */
export async function wipePhone(): Promise<void> {
  await removeDatabase()
  keepSession(null)
  forgetWords((key) => key.startsWith('wangge.') && !HARMLESS.test(key))
}

/** After the server knew nobody: was this phone to be emptied from afar? */
export async function heedFate(): Promise<boolean> {
  const fate = await deviceCalls.fate().catch(() => null)
  if (!fate?.wipe) return false
  await wipePhone()
  await deviceCalls.wiped().catch(() => undefined)
  forgetDeviceId()
  return true
}
