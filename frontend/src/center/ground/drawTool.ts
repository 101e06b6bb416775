import L from 'leaflet'

import { addPoint, type Corner, type Draft, insertPoint, type LonLat, middlesOf, movePoint, pointsOf, removePoint } from './drawing'

export interface DrawHandlers {
  change: (draft: Draft) => void
}

const SNAP_PX = 12
const MIDDLES_FROM_PX = 26
const LINE = { pane: 'wg-draw', interactive: false, color: '#b3261e', weight: 3, dashArray: '7 5' }
const AREA = { pane: 'wg-draw', interactive: false, color: '#b3261e', weight: 3, fillColor: '#b3261e', fillOpacity: 0.08 }

function icon(name: string): L.DivIcon {
  return L.divIcon({ className: `wg-handle ${name}`, iconSize: [18, 18] })
}

/**
 * Drawing on the map with clicks and drags: each click adds a corner, corners can be dragged, a pulled middle becomes
 * a corner, a double click takes one away. The draft itself lives outside; this only shows it and proposes the next.
 */
export class DrawTool {
  private readonly shapes = L.layerGroup()
  private readonly handles = L.layerGroup()
  private draft: Draft | null = null
  private adding = false

  constructor(
    private readonly map: L.Map,
    private readonly handlers: DrawHandlers,
    /** Corners of other outlines; areas snap to them so that neighbours share their border. */
    private readonly corners: () => readonly LonLat[],
  ) {
    this.shapes.addTo(map)
    this.handles.addTo(map)
    map.on('click', this.clicked)
    map.on('zoomend', this.rescaled)
  }

  get active(): boolean {
    return this.draft !== null
  }

  /** `adding`: clicks on the map add corners; without it only the given ones can be moved. */
  show(draft: Draft | null, adding: boolean): void {
    this.draft = draft
    this.adding = adding
    this.map.getContainer().classList.toggle('wg-drawing', draft !== null && adding)
    if (draft) this.map.doubleClickZoom.disable()
    else this.map.doubleClickZoom.enable()
    this.redraw()
  }

  private readonly rescaled = (): void => this.redraw()

  private readonly clicked = (event: L.LeafletMouseEvent): void => {
    if (this.draft && this.adding) this.handlers.change(addPoint(this.draft, this.snapped(event.latlng)))
  }

  private snapped(at: L.LatLng): LonLat {
    const free: LonLat = [at.lng, at.lat]
    // A line that cuts a cell has to pass its border: snapping to it would leave a hair uncut.
    if (this.draft?.shape !== 'area') return free
    const pixel = this.map.latLngToContainerPoint(at)
    let best: LonLat = free
    let nearest = SNAP_PX
    for (const corner of this.corners()) {
      const distance = this.map.latLngToContainerPoint([corner[1], corner[0]]).distanceTo(pixel)
      if (distance < nearest) [best, nearest] = [corner, distance]
    }
    return best
  }

  private redraw(): void {
    this.shapes.clearLayers()
    this.handles.clearLayers()
    if (!this.draft) return
    this.drawShape(this.draft)
    this.draft.polygons.forEach((rings, polygon) =>
      rings.forEach((ring, index) => ring.forEach((point, at) => this.addHandle(point, { polygon, ring: index, point: at }))),
    )
    for (const { at, point } of middlesOf(this.draft)) if (this.roomBehind(at)) this.addMiddle(point, at)
  }

  private drawShape(draft: Draft): void {
    for (const rings of draft.polygons) {
      const lines = rings.map((ring) => ring.map(([lon, lat]) => L.latLng(lat, lon)))
      const layer = draft.shape === 'area' && pointsOf(draft) > 2 ? L.polygon(lines, AREA) : L.polyline(lines, LINE)
      layer.addTo(this.shapes)
    }
  }

  // Handles on top of each other could not be taken hold of.
  private roomBehind(at: Corner): boolean {
    const ring = this.draft!.polygons[at.polygon]![at.ring]!
    const [from, to] = [ring[at.point]!, ring[(at.point + 1) % ring.length]!]
    const pixel = (point: LonLat): L.Point => this.map.latLngToContainerPoint([point[1], point[0]])
    return pixel(from).distanceTo(pixel(to)) >= MIDDLES_FROM_PX
  }

  private handle(point: LonLat, name: string): L.Marker {
    // Without the keyboard option Leaflet makes no nameless buttons; keys draw through the text field.
    return L.marker([point[1], point[0]], { icon: icon(name), pane: 'wg-handles', draggable: true, keyboard: false, autoPan: true }).addTo(this.handles)
  }

  private addHandle(point: LonLat, at: Corner): void {
    const marker = this.handle(point, 'corner')
    marker.on('drag', () => this.trace(at, marker.getLatLng()))
    marker.on('dragend', () => this.handlers.change(movePoint(this.draft!, at, this.snapped(marker.getLatLng()))))
    marker.on('dblclick', (event) => {
      L.DomEvent.stop(event)
      this.handlers.change(removePoint(this.draft!, at))
    })
  }

  private addMiddle(point: LonLat, at: Corner): void {
    const marker = this.handle(point, 'middle')
    marker.on('dragend', () => this.handlers.change(insertPoint(this.draft!, at, this.snapped(marker.getLatLng()))))
  }

  // While a corner is on its way only the line follows; the draft changes when it is let go.
  private trace(at: Corner, to: L.LatLng): void {
    this.shapes.clearLayers()
    this.drawShape(movePoint(this.draft!, at, [to.lng, to.lat]))
  }

  destroy(): void {
    this.map.off('click', this.clicked)
    this.map.off('zoomend', this.rescaled)
    this.shapes.remove()
    this.handles.remove()
  }
}
