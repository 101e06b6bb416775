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

// Leaflet's canvas draws circle markers only; these are the private members its own renderer works with.
interface DrawnMarker {
  _point: L.Point
  _radius: number
  _empty(): boolean
  options: LightMarkerOptions
}
interface CanvasInside {
  _drawing: boolean
  _ctx: CanvasRenderingContext2D
  _fillStroke(ctx: CanvasRenderingContext2D, layer: DrawnMarker): void
}

function trace(ctx: CanvasRenderingContext2D, shape: Shape, at: L.Point, radius: number): void {
  ctx.beginPath()
  if (shape === 'circle') {
    ctx.arc(at.x, at.y, radius, 0, Math.PI * 2)
    return
  }
  CORNERS[shape].forEach(([x, y], index) => {
    if (index === 0) ctx.moveTo(at.x + x * radius, at.y + y * radius)
    else ctx.lineTo(at.x + x * radius, at.y + y * radius)
  })
  ctx.closePath()
}

const LightCanvas = L.Canvas.extend({
  _updateCircle(this: CanvasInside, layer: DrawnMarker) {
    if (!this._drawing || layer._empty()) return
    trace(this._ctx, LIGHT_SHAPES[layer.options.light], layer._point, layer._radius)
    this._fillStroke(this._ctx, layer)
  },
}) as unknown as new (options?: L.RendererOptions) => L.Canvas

export function lightCanvas(options: L.RendererOptions): L.Canvas {
  return new LightCanvas(options)
}
