import L from 'leaflet'

import type { Light } from '@/shared/api/types'

import { LIGHT_SHAPES, type Shape } from './scale'

type Corner = readonly [number, number]
const CORNERS: Record<Exclude<Shape, 'circle'>, readonly Corner[]> = {
  triangle: [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]],
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
}

export interface LightMarkerOptions extends L.CircleMarkerOptions {
  light: Light
}

// Leaflet draws circle markers only; these are the private members its own renderer works with.
interface DrawnMarker {
  _point: L.Point
  _radius: number
  _empty(): boolean
  options: LightMarkerOptions
}
interface Renderer {
  _setPath(layer: DrawnMarker, path: string): void
}

export function pathOf(shape: Shape, at: { x: number; y: number }, radius: number): string {
  if (shape === 'circle') {
    return `M${at.x - radius} ${at.y}a${radius} ${radius} 0 1 0 ${radius * 2} 0a${radius} ${radius} 0 1 0 ${-radius * 2} 0`
  }
  return `M${CORNERS[shape].map(([x, y]) => `${at.x + x * radius} ${at.y + y * radius}`).join('L')}z`
}

// SVG, not canvas: a canvas lies over the cells as one sheet and takes every click meant for them.
const LightMarkers = L.SVG.extend({
  _updateCircle(this: Renderer, layer: DrawnMarker) {
    this._setPath(layer, layer._empty() ? 'M0 0' : pathOf(LIGHT_SHAPES[layer.options.light], layer._point, layer._radius))
  },
}) as unknown as new (options?: L.RendererOptions) => L.SVG

export function lightMarkers(options: L.RendererOptions): L.SVG {
  return new LightMarkers(options)
}
