// Places, cameras, reaches and patrol areas as map layers: small signs that differ in shape, with their names on hover.
import type { Geometry } from 'geojson'
import L from 'leaflet'

import type { Camera, PatrolArea, Place, Reach } from './contract'

function sign(at: { lon: number; lat: number }, kind: string, name: string, click?: () => void): L.Marker {
  const icon = L.divIcon({ className: `wg-sign ${kind}`, iconSize: [16, 16] })
  const marker = L.marker([at.lat, at.lon], { icon, pane: 'wg-signs', keyboard: false })
  marker.bindTooltip(name, { direction: 'top', offset: [0, -8], className: 'wg-tip' })
  if (click) marker.on('click', click)
  return marker
}

export function placeLayer(places: readonly Place[], open: (id: number) => void): L.LayerGroup {
  return L.layerGroup(places.map((place) => sign(place, `place ${place.kind.group}`, `${place.name}\n${place.kind.name}`, () => open(place.id))))
}

export function cameraLayer(cameras: readonly Camera[], stateOf: (camera: Camera) => string): L.LayerGroup {
  const placed = cameras.filter((camera): camera is Camera & { lon: number; lat: number } => camera.lon !== null && camera.lat !== null)
  return L.layerGroup(placed.map((camera) => sign(camera, `camera ${camera.online ? 'online' : 'offline'}`, `${camera.name}\n${stateOf(camera)}`)))
}

export function reachLayer(reaches: readonly Reach[]): L.LayerGroup {
  return L.layerGroup(
    reaches.map((reach) =>
      L.geoJSON(reach.geometry, { pane: 'wg-lines', style: { color: reach.level === 'town' ? '#0b5fa5' : '#2f8fd0', weight: 4, opacity: 0.95 } }).bindTooltip(
        [`${reach.water.name} ${reach.name}`, reach.chief ? `${reach.chief.title} ${reach.chief.name}` : ''].filter(Boolean).join('\n'),
        { sticky: true, className: 'wg-tip' },
      ),
    ),
  )
}

export function patrolLayer(areas: readonly PatrolArea[], shapeOf: (code: string) => Geometry | null, saying: (area: PatrolArea) => string): L.LayerGroup {
  return L.layerGroup(areas.flatMap((area) => patrolShapes(area, shapeOf).map((layer) => layer.bindTooltip(saying(area), { sticky: true, className: 'wg-tip' }))))
}

function patrolShapes(area: PatrolArea, shapeOf: (code: string) => Geometry | null): L.Layer[] {
  const style = { color: area.late ? '#b9770e' : '#5b3f8f', weight: 2.5, dashArray: '2 5', fillOpacity: 0.04 }
  const cells = area.cells.flatMap((code) => shapeOf(code) ?? [])
  const shapes = [...cells, ...(area.line ? [area.line] : [])].map((geometry) => L.geoJSON(geometry, { pane: 'wg-lines', style }))
  return [...shapes, ...area.check_points.map((point) => sign(point, 'check-point', point.name))]
}
