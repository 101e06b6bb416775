import { defineAsyncComponent, h } from 'vue'

import MapPlaceholder from './MapPlaceholder.vue'

/** Once the phone has a breath to spare: words and photos come before the map. */
const aBreath = () => new Promise<void>((done) => ('requestIdleCallback' in window ? requestIdleCallback(() => done(), { timeout: 2_000 }) : setTimeout(done, 200)))

/** Leaflet is its own chunk: a report can be written before, or without, the map. */
export const LazyPinMap = defineAsyncComponent({
  loader: () => aBreath().then(() => import('../map/PinMapView.vue')),
  loadingComponent: MapPlaceholder,
  errorComponent: { render: () => h(MapPlaceholder, { failed: true }) },
  delay: 0,
})
