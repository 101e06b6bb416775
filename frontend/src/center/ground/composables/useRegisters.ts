import { computed, ref, type ShallowRef, watch } from 'vue'

import { api } from '@/shared/api/client'
import type { Listing } from '@/shared/api/types'

import { useLoad } from '../../composables/useLoad'
import type { Camera, PatrolArea, Place, Reach } from '../contract'
import type { RegisterName } from '../groundMap'

export const REGISTERS: readonly RegisterName[] = ['places', 'cameras', 'reaches', 'patrols']
const PATHS: Record<RegisterName, string> = { places: 'places/', cameras: 'cameras/', reaches: 'reaches/', patrols: 'patrol-areas/' }

function layer<Row>(name: RegisterName, within: () => string | null, on: () => boolean) {
  const rows = useLoad<Listing<Row>>((signal) => api.get(PATHS[name], { within: within() }, signal))
  watch([on, within], ([wanted]) => wanted && void rows.load(), { immediate: true })
  return { ...rows, rows: computed(() => (on() ? rows.value.value?.results : undefined)) }
}

/** The map's registers: asked for when they are switched on, and not before. */
export function useRegisters(within: () => string | null) {
  const shown = ref<RegisterName[]>([])
  const on = (name: RegisterName) => () => shown.value.includes(name)
  const places = layer<Place>('places', within, on('places'))
  const cameras = layer<Camera>('cameras', within, on('cameras'))
  const reaches = layer<Reach>('reaches', within, on('reaches'))
  const patrols = layer<PatrolArea>('patrols', within, on('patrols'))
  const all: { error: ShallowRef<string | null> }[] = [places, cameras, reaches, patrols]
  return {
    shown,
    registers: computed(() => ({ places: places.rows.value, cameras: cameras.rows.value, reaches: reaches.rows.value, patrols: patrols.rows.value })),
    error: computed(() => (shown.value.length ? (all.find((one) => one.error.value)?.error.value ?? null) : null)),
  }
}
