/** Keeping the screen on while a round is walked: with the screen off browsers tell no position. */
const KEY = 'wangge.look.awake'

let wanted = false
let lock: WakeLockSentinel | null = null

export const canStayAwake = () => 'wakeLock' in navigator

export function keptAwake(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'no'
  } catch {
    return true
  }
}

export function setAwake(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? 'yes' : 'no')
  } catch {
    // Storage forbidden: it holds until the page goes.
  }
  if (wanted) void (on ? hold() : letGo())
}

async function hold(): Promise<void> {
  if (!canStayAwake() || document.visibilityState !== 'visible' || (lock && !lock.released)) return
  // A phone that saves its battery says no.
  lock = await navigator.wakeLock.request('screen').catch(() => null)
  if (!wanted) await letGo()
}

async function letGo(): Promise<void> {
  const held = lock
  lock = null
  await held?.release().catch(() => undefined)
}

/** From here on, and again each time the app comes to the front: leaving it takes the lock away. */
export function stayAwake(): void {
  wanted = true
  if (keptAwake()) void hold()
}

export function mayDoze(): void {
  wanted = false
  void letGo()
}
