import { ref, shallowRef } from 'vue'

export interface Fix {
  lon: number
  lat: number
  accuracy: number
}
export type PositionState = 'idle' | 'asking' | 'found' | 'refused' | 'unavailable'

export const POOR_ACCURACY_M = 100
const PRECISE: PositionOptions = { enableHighAccuracy: true, timeout: 12_000, maximumAge: 10_000 }
// Indoors a satellite fix may never come; a rough one from masts and Wi-Fi still names the cell.
const ROUGH: PositionOptions = { enableHighAccuracy: false, timeout: 8_000, maximumAge: 60_000 }
const PERMISSION_DENIED = 1

function ask(options: PositionOptions): Promise<Fix> {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
      reject,
      options,
    )
  })
}

const wasRefused = (error: unknown) => (error as GeolocationPositionError).code === PERMISSION_DENIED

/** Where the last report or patrol was; in memory only, and gone with the page. */
export const lastFix = shallowRef<Fix | null>(null)

/** Position is read only when a report asks for it, never in the background. */
export function usePosition() {
  const state = ref<PositionState>('idle')

  async function locate(): Promise<Fix | null> {
    if (!('geolocation' in navigator)) {
      state.value = 'unavailable'
      return null
    }
    state.value = 'asking'
    try {
      const fix = await ask(PRECISE).catch((error) => {
        if (wasRefused(error)) throw error
        return ask(ROUGH)
      })
      state.value = 'found'
      lastFix.value = fix
      return fix
    } catch (error) {
      state.value = wasRefused(error) ? 'refused' : 'unavailable'
      return null
    }
  }

  return { state, locate }
}
