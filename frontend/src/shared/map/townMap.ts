import L from 'leaflet'
import 'leaflet/dist/leaflet.css'

import type { Area, Count, Light, Water } from '@/shared/api/types'

import { type LightMarkerOptions, lightMarkers } from './lightMarkers'
import { colourOf, LIGHT_COLOURS } from './scale'

export interface MapCase {
  id: number
  number: string
  lon: number | null
  lat: number | null
  light: Light
}
export interface MapTexts {
  zoomIn: string
  zoomOut: string
  cell: (area: Area, count: Count | undefined) => string
  /** A cell whose cases this person does not see: its colour would be a false zero. */
  outside: (area: Area) => string
  case: (row: MapCase) => string
}
export interface MapHandlers {
  cell?: (code: string) => void
  case?: (id: number) => void
  moved?: (bbox: string) => void
}

const CELL = { color: '#8fa6ad', weight: 0.8, fillColor: colourOf(0), fillOpacity: 1 }
const OUTSIDE = { color: '#b6c5ca', weight: 0.8, fillColor: '#dfe7e9', fillOpacity: 1, dashArray: '3 4' }
const RADIUS: Record<Light, number> = { green: 4, yellow: 5, red: 5.5, dark_red: 5.5, none: 4 }
const URGENCY: readonly Light[] = ['none', 'green', 'yellow', 'red', 'dark_red']
const LABELS_FROM_PX_PER_VILLAGE = 76
const SMALL_BELOW_PX_PER_VILLAGE = 90
// Room for the legend, which lies over the map's lower edge.
const FIT = { paddingTopLeft: [16, 16], paddingBottomRight: [16, 84], animate: false } satisfies L.FitBoundsOptions

function bboxOf(bounds: L.LatLngBounds): string {
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((value) => value.toFixed(6)).join(',')
}

/** A layer of its own at this height; without `clicks` the mouse reaches what lies below. */
export function pane(map: L.Map, name: string, zIndex: number, clicks = true): string {
  const element = map.createPane(name)
  element.style.zIndex = String(zIndex)
  if (!clicks) element.style.pointerEvents = 'none'
  return name
}

// The town on a plain ground: no tile server, nothing leaves the house.
export class TownMap {
  protected readonly map: L.Map
  private readonly cells = L.layerGroup()
  private readonly villages = L.layerGroup()
  private readonly labels = L.layerGroup()
  private readonly water = L.layerGroup()
  private readonly cases = L.layerGroup()
  private readonly markers: L.SVG
  private readonly outline = L.layerGroup()
  protected readonly cellPaths = new Map<string, L.Path>()
  protected readonly shapes = new Map<string, Area>()
  protected readonly villageShapes = new Map<string, Area>()
  /** Less than 1 where a base map shall be seen below the cells. */
  protected ground = 1
  private selected: string | null = null
  private fitted = false
  private markerScale = 1
  private touched = false
  private focus: string | null = null

  constructor(
    element: HTMLElement,
    private readonly texts: MapTexts,
    private readonly handlers: MapHandlers = {},
    private readonly inScope: (code: string) => boolean = () => true,
  ) {
    this.map = L.map(element, { zoomControl: false, attributionControl: false, zoomSnap: 0.1, zoomDelta: 0.75, wheelPxPerZoomLevel: 90, minZoom: 9, maxZoom: 19, maxBoundsViscosity: 0.8 })
    this.map.setView([23.7, 116.6], 12)
    L.control.zoom({ position: 'topright', zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(this.map)
    pane(this.map, 'wg-cells', 350)
    pane(this.map, 'wg-water', 360, false)
    pane(this.map, 'wg-villages', 370, false)
    pane(this.map, 'wg-outline', 380, false)
    pane(this.map, 'wg-cases', 450)
    pane(this.map, 'wg-labels', 460, false)
    this.markers = lightMarkers({ pane: 'wg-cases', padding: 0.3 })
    for (const layer of [this.cells, this.water, this.villages, this.outline, this.cases, this.labels]) layer.addTo(this.map)
    this.map.on('moveend', () => this.handlers.moved?.(this.bbox()))
    this.map.on('zoomend resize', () => this.fitToScale())
    for (const act of ['pointerdown', 'wheel', 'keydown'] as const) element.addEventListener(act, () => (this.touched = true), { passive: true })
  }

  bbox(): string {
    return bboxOf(this.map.getBounds())
  }

  setCells(areas: readonly Area[]): void {
    this.cells.clearLayers()
    this.cellPaths.clear()
    this.shapes.clear()
    for (const area of areas) {
      if (area.geometry) this.addCell(area)
    }
    this.fitOnce()
    this.highlight()
  }

  private addCell(area: Area): void {
    const inside = this.inScope(area.code)
    L.geoJSON(area.geometry!, {
      style: { ...(inside ? CELL : OUTSIDE), fillOpacity: this.ground },
      pane: 'wg-cells',
      onEachFeature: (_feature, layer) => {
        layer.bindTooltip(inside ? this.texts.cell(area, undefined) : this.texts.outside(area), { sticky: true, direction: 'top', className: 'wg-tip' })
        if (inside) layer.on('click', () => this.handlers.cell?.(area.code))
        if (layer instanceof L.Path) this.cellPaths.set(area.code, layer)
      },
    }).addTo(this.cells)
    this.shapes.set(area.code, area)
  }

  /** Recolours without redrawing: a live update must not close the tooltip a person is reading. */
  setCounts(counts: ReadonlyMap<string, Count>): void {
    for (const [code, path] of this.cellPaths) {
      if (!this.inScope(code)) continue
      const count = counts.get(code)
      path.setStyle({ fillColor: colourOf(count?.open ?? 0) })
      path.setTooltipContent(this.texts.cell(this.shapes.get(code)!, count))
    }
  }

  setVillages(areas: readonly Area[]): void {
    this.villages.clearLayers()
    this.labels.clearLayers()
    this.villageShapes.clear()
    for (const area of areas) {
      this.villageShapes.set(area.code, area)
      if (area.geometry) L.geoJSON(area.geometry, { pane: 'wg-villages', interactive: false, style: { fill: false, color: '#3d5a63', weight: 1.8, opacity: 0.75 } }).addTo(this.villages)
      if (area.centroid) this.addLabel(area.centroid, area.name)
    }
    this.fitToScale()
  }

  private addLabel([lon, lat]: [number, number], name: string): void {
    const label = document.createElement('span')
    label.textContent = name
    const icon = L.divIcon({ className: 'wg-village-name', html: label, iconSize: [0, 0] })
    L.marker([lat, lon], { icon, pane: 'wg-labels', interactive: false, keyboard: false }).addTo(this.labels)
  }

  setWater(rows: readonly Water[]): void {
    this.water.clearLayers()
    for (const row of rows) {
      const line = row.geometry.type.endsWith('LineString')
      const style = line ? { color: '#6cb3e0', weight: 5, opacity: 0.9 } : { color: '#6cb3e0', weight: 1, fillColor: '#9fd0ee', fillOpacity: 0.85 }
      L.geoJSON(row.geometry, { pane: 'wg-water', interactive: false, style }).addTo(this.water)
    }
  }

  setCases(rows: readonly MapCase[]): void {
    this.cases.clearLayers()
    // Least urgent first, so that an overdue case is never hidden below one that has time.
    const ordered = [...rows].sort((a, b) => URGENCY.indexOf(a.light) - URGENCY.indexOf(b.light))
    for (const row of ordered) this.addCase(row)
  }

  private addCase(row: MapCase): void {
    if (row.lon === null || row.lat === null) return
    const options: LightMarkerOptions = {
      light: row.light,
      renderer: this.markers,
      pane: 'wg-cases',
      radius: RADIUS[row.light] * this.markerScale,
      color: '#ffffff',
      weight: 1.5,
      fillColor: LIGHT_COLOURS[row.light],
      fillOpacity: 1,
      bubblingMouseEvents: false,
    }
    L.circleMarker([row.lat, row.lon], options)
      .bindTooltip(this.texts.case(row), { direction: 'top', offset: [0, -6], className: 'wg-tip' })
      .on('click', () => this.handlers.case?.(row.id))
      .addTo(this.cases)
  }

  select(code: string | null): void {
    this.selected = code
    this.highlight()
  }

  private highlight(): void {
    this.outline.clearLayers()
    const geometry = this.selected ? this.shapeOf(this.selected) : null
    if (!geometry) return
    L.geoJSON(geometry, { pane: 'wg-outline', interactive: false, style: { color: '#b9770e', weight: 4, fillColor: '#f2b63c', fillOpacity: 0.18 } }).addTo(this.outline)
  }

  protected shapeOf(code: string): Area['geometry'] {
    return (this.shapes.get(code) ?? this.villageShapes.get(code))?.geometry ?? null
  }

  /** Looks at one cell instead of the whole town, for the small map of a case. */
  lookAtCell(code: string): void {
    this.focus = code
    this.fit()
  }

  fit(): void {
    this.fitted = false
    this.fitOnce()
  }

  private fitOnce(): void {
    if (this.fitted || this.cellPaths.size === 0) return
    const bounds = L.featureGroup([...this.cellPaths.values()]).getBounds()
    if (!bounds.isValid()) return
    const cell = this.focus ? this.cellPaths.get(this.focus) : null
    if (cell) this.map.fitBounds(L.featureGroup([cell]).getBounds().pad(0.25), { animate: false })
    else this.map.fitBounds(this.scopeBounds() ?? bounds, FIT)
    this.map.setMaxBounds(bounds.pad(0.6))
    this.fitted = true
  }

  /** How wide a village is on the screen: what may be written into it and how large markers may be. */
  private pixelsPerVillage(): number {
    const bounds = L.featureGroup([...this.cellPaths.values()]).getBounds()
    const count = this.labels.getLayers().length
    if (!bounds.isValid() || count === 0) return Infinity
    const corner = this.map.latLngToContainerPoint(bounds.getNorthWest())
    const other = this.map.latLngToContainerPoint(bounds.getSouthEast())
    return Math.sqrt(((other.x - corner.x) * (other.y - corner.y)) / count)
  }

  /** The person's own cells with some surroundings, when they are not the whole town. */
  private scopeBounds(): L.LatLngBounds | null {
    const own = [...this.cellPaths].filter(([code]) => this.inScope(code)).map(([, path]) => path)
    return own.length > 0 && own.length < this.cellPaths.size ? L.featureGroup(own).getBounds().pad(0.5) : null
  }

  // On a small map sixteen names are a thicket and full-sized markers hide the colours below them.
  private fitToScale(): void {
    const pixels = this.pixelsPerVillage()
    this.map.getPane('wg-labels')!.style.display = pixels >= LABELS_FROM_PX_PER_VILLAGE ? '' : 'none'
    this.markerScale = pixels < SMALL_BELOW_PX_PER_VILLAGE ? 0.75 : 1
    this.cases.eachLayer((layer) => {
      if (layer instanceof L.CircleMarker) layer.setRadius(RADIUS[(layer.options as LightMarkerOptions).light] * this.markerScale)
    })
  }

  /** A map that nobody has moved yet keeps showing the whole town when its frame changes. */
  resized(): void {
    this.map.invalidateSize({ animate: false })
    if (!this.touched) this.fit()
  }

  destroy(): void {
    this.map.remove()
  }
}
