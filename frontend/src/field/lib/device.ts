import { api } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Listing } from '@/shared/api/types'
import { newId } from '@/shared/newId'

import { withTimeout } from './timed'

export type Device = components['schemas']['Device']
export type Fate = components['schemas']['Fate']

const KEPT = 'wangge.device'
const ANSWER_WITHIN = 30_000
const soon = <T>(work: Promise<T>) => withTimeout(work, ANSWER_WITHIN)
/** Where nothing can be kept, each load of the page is a phone of its own, and there is nothing to empty either. */
let fleeting = ''

/** The id by which the server knows this phone; made here, told to nobody else. It outlives signing out. */
export function deviceId(): string {
  try {
    const known = localStorage.getItem(KEPT)
    if (known) return known
    const made = newId()
    localStorage.setItem(KEPT, made)
    return made
  } catch {
    return (fleeting ||= newId())
  }
}

/** After the phone was emptied: it comes back as a new one. */
export function forgetDeviceId(): void {
  localStorage.removeItem(KEPT)
}

export const deviceCalls = {
  /** After each start and each signing in. `wipe`: empty the phone first, then say so. */
  register: () => soon(api.put<Device & { wipe: boolean }>(`devices/${deviceId()}/`)),
  /** Without a session, after a 401: was this phone signed out from afar, is it to be emptied? */
  fate: () => soon(api.get<Fate>(`devices/${deviceId()}/fate/`)),
  /** The phone is empty. Before forgetDeviceId(). */
  wiped: () => soon(api.post<null>(`devices/${deviceId()}/wiped/`)),
  mine: () => soon(api.get<Listing<Device>>('devices/')),
  signOut: (id: string, wipe: boolean) => soon(api.post<Device>(`devices/${id}/sign-out/`, { wipe })),
}
