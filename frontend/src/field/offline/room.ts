import { ref } from 'vue'

import { isFull } from '../lib/errors'

/** Something did not fit on the phone, or hardly any more will. */
export const tight = ref(false)

/** Whether it was for want of room that something failed; the pages say so from then on. */
export function ranOut(failure: unknown): boolean {
  const full = isFull(failure)
  if (full) tight.value = true
  return full
}

/** Whether there was room for it; any other failure is thrown on. */
export async function fits(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (failure) {
    if (!ranOut(failure)) throw failure
    return false
  }
}

/** Keeps something on the phone; where it has no room for it but a net, sends it at once instead. */
export async function keepOr<Value>(keep: () => Promise<Value>, directly: () => Promise<Value>): Promise<Value> {
  try {
    return await keep()
  } catch (failure) {
    if (!ranOut(failure) || !navigator.onLine) throw failure
    return directly()
  }
}

const MEGABYTE = 1024 * 1024
const LITTLE = 30 * MEGABYTE
/** A report with its photos, which are there twice for a moment: as a draft, and on their way. */
const REPORT = 4 * MEGABYTE
const LOOKS = 10 * 60_000
let lookedAt = -Infinity

/** By trial: newer browsers always claim that there is a lot. */
async function reportFits(): Promise<boolean> {
  if (typeof indexedDB === 'undefined') return true
  const { tryToStore } = await import('./database')
  // Where it cannot be tried nothing is known.
  return fits(tryToStore(REPORT)).catch(() => true)
}

async function littleIsLeft(): Promise<boolean> {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {}
  return quota !== undefined && usage !== undefined && quota - usage < LITTLE
}

/** Looks whether the phone has hardly any room left for this app; not again for a while if there was enough. */
export async function lookForRoom(): Promise<void> {
  if (!tight.value && Date.now() - lookedAt < LOOKS) return
  lookedAt = Date.now()
  tight.value = (await littleIsLeft()) || !(await reportFits())
}
