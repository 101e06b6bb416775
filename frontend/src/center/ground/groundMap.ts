import type { Geometry } from 'geojson'
import L from 'leaflet'

import { type MapHandlers, type MapTexts, pane, TownMap } from '@/shared/map/townMap'

import { baseLayers } from './baseMap'
import type { BaseMap, Preview } from './contract'
import { cornersOf, type Draft } from './drawing'
import { DrawTool } from './drawTool'

export type RegisterName = 'places' | 'cameras' | 'reaches' | 'patrols'
export interface GroundTexts extends MapTexts {
  area: (squareMetres: number) => string
}

const UNATTENDED = { color: '#7a1230', weight: 3, dashArray: '6 4', fill: false }
const CHOSEN = { color: '#b3261e', weight: 3, fillColor: '#b3261e', fillOpacity: 0.12 }
const HISTORY = { color: '#5b3f8f', weight: 3, dashArray: '8 5', fillColor: '#5b3f8f', fillOpacity: 0.1 }
const AFTER = { color: '#0b6272', weight: 3, fillColor: '#0b6272', fillOpacity: 0.14 }
const PROBLEM = { color: '#b3261e', weight: 2, fillColor: '#b3261e', fillOpacity: 0.55 }
const GAP = { color: '#b9770e', weight: 2, dashArray: '3 4', fillColor: '#f2b63c', fillOpacity: 0.35 }
const SEEN_THROUGH = 0.35
const SMALL_PX = 90

/** The town's map with what the 网格 page lays over it: base map, registers, drawing, and what a change would do. */
export class GroundMap extends TownMap {
  private readonly unattended = L.layerGroup()
  private readonly chosen = L.layerGroup()
  private readonly past = L.layerGroup()
  private readonly outcome = L.layerGroup()
  private readonly registers = new Map<RegisterName, L.LayerGroup>()
  private readonly tool: DrawTool
  private base: L.Layer[] = []
  private baseAsked = 0

  constructor(element: HTMLElement, private readonly words: GroundTexts, handlers: MapHandlers & { draw: (draft: Draft) => void }, inScope: (code: string) => boolean) {
    super(element, words, { ...handlers, cell: (code) => !this.tool.active && handlers.cell?.(code) }, inScope)
    pane(this.map, 'wg-base', 200, false)
    pane(this.map, 'wg-marks', 375, false)
    pane(this.map, 'wg-outcome', 390, false)
    pane(this.map, 'wg-lines', 420)
    pane(this.map, 'wg-signs', 440)
    pane(this.map, 'wg-draw', 470, false)
    pane(this.map, 'wg-handles', 480)
    for (const layer of [this.unattended, this.past, this.chosen, this.outcome]) layer.addTo(this.map)
    this.tool = new DrawTool(this.map, { change: handlers.draw }, () => cornersOf([...this.shapes.values()].map((area) => area.geometry)))
    L.control.scale({ imperial: false, position: 'bottomright' }).addTo(this.map)
  }

  async setBaseMap(base: BaseMap | null, language: string): Promise<void> {
    const mine = (this.baseAsked += 1)
    const layers = await baseLayers(base, language)
    if (mine !== this.baseAsked) return
    for (const layer of this.base) layer.remove()
    this.base = layers.map((layer) => layer.addTo(this.map))
    this.ground = layers.length ? SEEN_THROUGH : 1
    for (const path of this.cellPaths.values()) path.setStyle({ fillOpacity: this.ground })
  }

  setUnattended(codes: Iterable<string>): void {
    this.outlineAll(this.unattended, codes, { ...UNATTENDED, pane: 'wg-marks' })
  }

  setChosen(codes: Iterable<string>): void {
    this.outlineAll(this.chosen, codes, { ...CHOSEN, pane: 'wg-outcome' })
  }

  private outlineAll(group: L.LayerGroup, codes: Iterable<string>, style: L.PathOptions & { pane: string }): void {
    group.clearLayers()
    for (const code of codes) {
      const geometry = this.shapeOf(code)
      if (geometry) this.laid(geometry, style).addTo(group)
    }
  }

  private laid(geometry: Geometry, style: L.PathOptions & { pane: string }): L.GeoJSON {
    return L.geoJSON(geometry, { style, pane: style.pane, interactive: false, pointToLayer: (_feature, at) => L.circleMarker(at, { ...style, radius: 6 }) })
  }

  /** An earlier version of an area's outline. */
  showPast(geometry: Geometry | null): void {
    this.past.clearLayers()
    if (geometry) this.laid(geometry, { ...HISTORY, pane: 'wg-outcome' }).addTo(this.past)
  }

  setRegister(name: RegisterName, layer: L.LayerGroup | null): void {
    this.registers.get(name)?.remove()
    this.registers.delete(name)
    if (layer) this.registers.set(name, layer.addTo(this.map))
  }

  shape(code: string): Geometry | null {
    return this.shapeOf(code)
  }

  draw(draft: Draft | null, adding: boolean): void {
    this.tool.show(draft, adding)
  }

  /** What a change would do: the outlines of afterwards with their sizes, what stands against it, and what no cell covers. */
  showPreview(preview: Preview | null): void {
    this.outcome.clearLayers()
    if (!preview) return
    for (const gap of preview.gaps) this.laid(gap.geometry, { ...GAP, pane: 'wg-outcome' }).addTo(this.outcome)
    for (const part of preview.after) {
      const text = `${part.name}\n${this.words.area(part.area_m2)}`
      this.laid(part.geometry, { ...AFTER, pane: 'wg-outcome' }).bindTooltip(text, { permanent: true, direction: 'center', className: 'wg-size' }).addTo(this.outcome)
    }
    for (const problem of preview.problems) if (problem.geometry) this.laid(problem.geometry, { ...PROBLEM, pane: 'wg-outcome' }).addTo(this.outcome)
  }

  /** Brings an area into view, when it is not there already or too small to see; `closely` to work on its outline. */
  reveal(code: string, closely = false): void {
    const geometry = this.shapeOf(code)
    if (!geometry) return
    const bounds = L.geoJSON(geometry).getBounds()
    const size = this.map.latLngToContainerPoint(bounds.getNorthEast()).distanceTo(this.map.latLngToContainerPoint(bounds.getSouthWest()))
    if (closely || size < SMALL_PX || !this.map.getBounds().contains(bounds)) this.map.fitBounds(bounds.pad(closely ? 0.4 : 0.6), { animate: false })
  }

  override destroy(): void {
    this.tool.destroy()
    super.destroy()
  }
}
