import { defineAsyncComponent, h } from 'vue'

import MapPlaceholder from './MapPlaceholder.vue'

/** Leaflet is its own chunk: a report can be written before, or without, the map. */
export const LazyPinMap = defineAsyncComponent({
  loader: () => import('../map/PinMapView.vue'),
  loadingComponent: MapPlaceholder,
  errorComponent: { render: () => h(MapPlaceholder, { failed: true }) },
  delay: 0,
})
