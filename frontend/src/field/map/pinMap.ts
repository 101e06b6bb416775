import L from 'leaflet'
import 'leaflet/dist/leaflet.css'

import type { Area, Water } from '@/shared/api/types'

export interface PinPoint {
  lon: number
  lat: number
  accuracy: number | null
}
export interface PinMapTexts {
  zoomIn: string
  zoomOut: string
  pin: string
}

const PIN_SVG =
  '<svg viewBox="0 0 36 48" aria-hidden="true"><path d="M18 47S34 29 34 17A16 16 0 1 0 2 17c0 12 16 30 16 30z" fill="#b3261e" stroke="#fff" stroke-width="2"/><circle cx="18" cy="17" r="6" fill="#fff"/></svg>'
const CLOSE_ENOUGH = 15

/** Cells, water and one pin on a plain ground: no tiles, nothing leaves the house. */
export class PinMap {
  private readonly map: L.Map
  private readonly ground = L.layerGroup()
  private readonly cells = L.featureGroup()
  private readonly circle = L.circle([0, 0], { radius: 1, color: '#0b6272', weight: 2, fillOpacity: 0.12, interactive: false })
  private readonly marker: L.Marker

  constructor(element: HTMLElement, texts: PinMapTexts, movable: boolean, onPick: (lon: number, lat: number) => void) {
    this.map = L.map(element, { zoomControl: false, attributionControl: false, minZoom: 9, maxZoom: 19, zoomSnap: 0.5 })
    this.map.setView([23.7, 116.6], 12)
    L.control.zoom({ position: 'topright', zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(this.map)
    const icon = L.divIcon({ className: 'field-pin', html: PIN_SVG, iconSize: [36, 48], iconAnchor: [18, 47] })
    this.marker = L.marker([0, 0], { icon, draggable: movable, keyboard: movable, alt: texts.pin, title: texts.pin, autoPan: movable })
    this.ground.addTo(this.map)
    this.cells.addTo(this.map)
    if (!movable) return
    this.map.on('click', ({ latlng }: L.LeafletMouseEvent) => onPick(latlng.wrap().lng, latlng.lat))
    this.marker.on('dragend', () => onPick(this.marker.getLatLng().lng, this.marker.getLatLng().lat))
  }

  setWater(rows: readonly Water[]): void {
    this.ground.clearLayers()
    const style = { color: '#6cb3e0', weight: 3, fillColor: '#9fd0ee', fillOpacity: 0.85 }
    for (const row of rows) L.geoJSON(row.geometry, { style, interactive: false }).addTo(this.ground)
  }

  setCells(rows: readonly Area[], chosen: string | null, home: readonly Area[] = rows): void {
    const first = this.cells.getLayers().length === 0
    this.cells.clearLayers()
    // The chosen cell last, or its neighbours' borders would cross its own.
    const chosenLast = [...rows].sort((a, b) => Number(a.code === chosen) - Number(b.code === chosen))
    for (const row of chosenLast) if (row.geometry) this.addCell(row, row.code === chosen)
    if (first) this.showHome(home)
  }

  /** One's own cells when there is no pin yet; all cells and the pin when it lies outside: one sees which way to drag. */
  private showHome(home: readonly Area[]): void {
    const own = L.featureGroup(home.flatMap((row) => (row.geometry ? [L.geoJSON(row.geometry)] : []))).getBounds()
    const all = this.cells.getBounds()
    const pinned = this.map.hasLayer(this.marker)
    if (!all.isValid() || (pinned && all.contains(this.marker.getLatLng()))) return
    const view = pinned ? all.extend(this.marker.getLatLng()) : own.isValid() ? own : all
    this.map.fitBounds(view, { padding: [24, 24], animate: false })
  }

  private addCell(row: Area, chosen: boolean): void {
    const style = chosen
      ? { color: '#0b6272', weight: 4, fillColor: '#cfe6e4', fillOpacity: 0.55 }
      : { color: '#5f7a83', weight: 1.5, fillColor: '#ffffff', fillOpacity: 0.45 }
    L.geoJSON(row.geometry!, { style, interactive: false }).addTo(this.cells)
  }

  setPoint(point: PinPoint | null): void {
    this.circle.remove()
    if (!point) {
      this.marker.remove()
      return
    }
    const at: L.LatLngTuple = [point.lat, point.lon]
    const shown = this.map.hasLayer(this.marker)
    this.marker.setLatLng(at).addTo(this.map)
    if (point.accuracy !== null) this.circle.setLatLng(at).setRadius(point.accuracy).addTo(this.map)
    // A tap keeps the view the person chose; a first fix, or one outside the view, moves it.
    const firstFix = !shown && point.accuracy !== null
    if (firstFix || !this.map.getBounds().contains(at)) this.map.setView(at, Math.max(this.map.getZoom(), CLOSE_ENOUGH), { animate: false })
  }

  resized(): void {
    this.map.invalidateSize({ animate: false })
  }

  destroy(): void {
    this.map.remove()
  }
}
