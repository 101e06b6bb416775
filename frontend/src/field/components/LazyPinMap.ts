import { defineAsyncComponent, h } from 'vue'

import { breath } from '../lib/breath'

import MapPlaceholder from './MapPlaceholder.vue'

/** Once the phone has nothing else to do: words and photos come before the map. */
const idle = () => new Promise<void>((done) => ('requestIdleCallback' in window ? requestIdleCallback(() => done(), { timeout: 2_000 }) : setTimeout(done, 200)))

/** Leaflet is its own chunk: a report can be written before, or without, the map. */
export const LazyPinMap = defineAsyncComponent({
  loader: async () => {
    await idle()
    const view = await import('../map/PinMapView.vue')
    await breath()
    return view
  },
  loadingComponent: MapPlaceholder,
  errorComponent: { render: () => h(MapPlaceholder, { failed: true }) },
  delay: 0,
})
