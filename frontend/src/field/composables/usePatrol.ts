import { computed, onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { PatrolArea } from '@/shared/api/types'
import { useSession } from '@/shared/session'
import { shanghaiDay, shortDateTime, timeOnly } from '@/shared/time'

import { asks, silentSince, type Round } from '../lib/round'
import { fieldDatabase, type FieldDatabase } from '../offline/db'
import { useLive } from '../offline/live'
import { goOn, roundOf, startRound, stopRound, tickByHand } from '../offline/rounds'
import { endedAt, trouble, walkFor } from '../offline/walk'
import { exchangeNow } from '../offline/work'

import { usePatrolAreas } from './useLists'

const WALKERS = ['grid_worker', 'village_officer']
const TICK = 10_000

function useNow() {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), TICK)
  onScopeDispose(() => clearInterval(timer))
  return now
}

/** The round that this person is walking, as the phone holds it, and what can be done with it. */
export function usePatrol() {
  const { user } = useSession()
  const { locale } = useI18n()
  const owner = () => String(user.value?.id ?? '')
  const now = useNow()
  /** Undefined until the phone has looked. */
  const round = useLive<Round | null | undefined>(owner, async (database) => (await roundOf(database, owner())) ?? null, undefined)
  /** This browser keeps nothing: a round would be lost with the page. */
  const unkept = ref(false)
  void fieldDatabase().then((database) => {
    unkept.value = !database
    if (!database) round.value = null
  })
  const areas = usePatrolAreas()

  async function change(work: (database: FieldDatabase) => Promise<unknown>): Promise<void> {
    const database = await fieldDatabase()
    if (!database) return
    await work(database)
    now.value = Date.now()
  }

  const start = (area: PatrolArea | null) =>
    change(async (database) => {
      endedAt.value = null
      await startRound(database, owner(), area)
      await walkFor(owner())
      void exchangeNow()
    })
  const stop = () =>
    change(async (database) => {
      await stopRound(database, owner())
      await walkFor(owner())
      // What was late an hour ago is not any more.
      void exchangeNow().then(areas.renew)
    })
  const carryOn = () =>
    change(async (database) => {
      await goOn(database, owner())
      await walkFor(owner())
    })
  const tick = (spot: number) => change((database) => tickByHand(database, owner(), spot))

  /** The day only where it is another one. */
  function when(at: number): string {
    const iso = new Date(at).toISOString()
    return shanghaiDay(new Date(at)) === shanghaiDay(new Date(now.value)) ? timeOnly(iso, locale.value) : shortDateTime(iso, locale.value)
  }

  return {
    ...{ round, unkept, areas, trouble, endedAt, start, stop, carryOn, tick, when },
    mayWalk: computed(() => WALKERS.some((role) => user.value?.roles.includes(role))),
    asking: computed(() => Boolean(round.value && asks(round.value, now.value))),
    silence: computed(() => (round.value ? silentSince(round.value, now.value) : null)),
    checked: computed(() => Object.keys(round.value?.checks ?? {}).length),
  }
}
