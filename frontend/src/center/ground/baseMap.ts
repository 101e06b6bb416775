import L from 'leaflet'

import type { BaseMap } from './contract'

type Loaded = L.Layer[]

function raster(base: BaseMap): Loaded {
  const options = { minNativeZoom: base.min_zoom, maxNativeZoom: base.max_zoom, attribution: base.attribution, pane: 'wg-base' }
  return [base.url, base.labels_url].flatMap((url) => (url ? [L.tileLayer(url, options)] : []))
}

async function vector(base: BaseMap, language: string): Promise<Loaded> {
  // The library expects Leaflet as a global, as from a script tag.
  Object.assign(window, { L })
  const { leafletLayer } = await import('protomaps-leaflet')
  const layer: unknown = leafletLayer({
    url: base.url ?? '',
    flavor: 'light',
    lang: language === 'en' ? 'en' : 'zh-Hans',
    maxDataZoom: base.max_zoom,
    attribution: base.attribution,
    pane: 'wg-base',
    noWrap: true,
  })
  return [layer as L.Layer]
}

/** The base map that the site is set to, from our own server only; none is a base map too. */
export async function baseLayers(base: BaseMap | null, language: string): Promise<Loaded> {
  if (!base?.url || base.kind === 'none') return []
  return base.kind === 'raster' ? raster(base) : vector(base, language)
}
