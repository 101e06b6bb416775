import { ref } from 'vue'

import { lastFix } from '../composables/usePosition'
import { mayDoze, stayAwake } from '../lib/awake'
import { asks, isOver, POOR_METRES, SPACING, type Round } from '../lib/round'

import { fieldDatabase, type FieldDatabase } from './db'
import { record, roundOf, sendPart, stopRound } from './rounds'
import { exchangeNow } from './work'

/** Why no position is being written down; empty while all is well. */
export type Trouble = '' | 'searching' | 'refused' | 'unavailable' | 'poor' | 'full'

const PRECISE: PositionOptions = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 5_000 }
const PERMISSION_DENIED = 1

export const trouble = ref<Trouble>('')
/** When the app ended a round that nobody had ended, until that was read. */
export const endedAt = ref<number | null>(null)

let owner: string | null = null
let watching: number | null = null
let beat: ReturnType<typeof setInterval> | undefined
let toldAt = 0

async function take({ coords }: GeolocationPosition): Promise<void> {
  const whose = owner
  const database = await fieldDatabase()
  if (!database || !whose) return
  toldAt = Date.now()
  lastFix.value = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }
  try {
    const round = await record(database, whose, { ...lastFix.value, at: toldAt })
    if (!round) return void (owner === whose && halt())
    trouble.value = coords.accuracy > POOR_METRES ? 'poor' : ''
    if (await sendPart(database, round)) void exchangeNow()
  } catch {
    trouble.value = 'full'
  }
}

function fail(failure: GeolocationPositionError): void {
  trouble.value = failure.code === PERMISSION_DENIED ? 'refused' : 'unavailable'
}

function listen(): void {
  if (watching !== null) navigator.geolocation.clearWatch(watching)
  watching = navigator.geolocation.watchPosition((position) => void take(position), fail, PRECISE)
}

/** Of somebody who stands still some browsers say nothing: they are asked. */
function ask(): void {
  if (Date.now() - toldAt < SPACING || trouble.value === 'refused') return
  navigator.geolocation.getCurrentPosition((position) => void take(position), fail, PRECISE)
}

async function look(): Promise<void> {
  const database = await fieldDatabase()
  const round = database && owner ? await roundOf(database, owner) : null
  if (!round || asks(round, Date.now())) halt()
  else if (watching !== null && document.visibilityState === 'visible') ask()
}

/** Back from the dark: the browser may have forgotten that anybody listens. */
function wake(): void {
  if (document.visibilityState !== 'visible') return
  stayAwake()
  if (watching !== null) listen()
  void look()
}

function begin(): void {
  beat = setInterval(() => void look(), SPACING)
  document.addEventListener('visibilitychange', wake)
  stayAwake()
  trouble.value = 'geolocation' in navigator ? 'searching' : 'unavailable'
  if ('geolocation' in navigator) listen()
}

/** Between rounds nothing listens. */
function halt(): void {
  if (watching !== null) navigator.geolocation.clearWatch(watching)
  watching = null
  clearInterval(beat)
  beat = undefined
  document.removeEventListener('visibilitychange', wake)
  mayDoze()
  trouble.value = ''
}

/** Goes on with the round of this person, if one is being walked: after a start, and whenever the app is opened. */
export async function walkFor(person: string | null): Promise<void> {
  halt()
  owner = person
  const database = person ? await fieldDatabase() : null
  const round = database ? await roundOf(database, person!) : undefined
  // Meanwhile somebody else may have signed in, or another call was quicker.
  if (database && round && owner === person && beat === undefined) await resume(database, round)
}

async function resume(database: FieldDatabase, round: Round): Promise<void> {
  if (isOver(round, Date.now())) {
    endedAt.value = await stopRound(database, round.owner)
    void exchangeNow()
  } else if (!asks(round, Date.now())) {
    begin()
  }
}
