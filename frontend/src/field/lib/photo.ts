import type { ExpandedTags } from 'exifreader'

import { newId } from '@/shared/newId'

/** When (ISO) and where (degrees, WGS-84) a photo was taken. */
export interface Taken {
  at?: string
  lon?: number
  lat?: number
}

/** A file that is still only on this phone. */
export interface LocalFile {
  clientId: string
  blob: Blob
  kind?: 'photo' | 'audio'
  moment?: 'before' | 'after'
  taken?: Taken
  caption?: string
}

/** A photo that is still only on this phone. */
export type LocalPhoto = LocalFile

export const MAX_PHOTOS = 6
export const MAX_EDGE = 1600
/** A weak signal carries half a megabyte; better a little less sharp than not at all. */
export const WANTED_BYTES = 500 * 1024
const QUALITIES = [0.82, 0.7, 0.55, 0.4] as const
const MAX_BYTES = 10 * 1024 * 1024
const ACCEPTED = ['image/jpeg', 'image/png', 'image/webp']

export class UnreadablePhoto extends Error {}

export function fitWithin(width: number, height: number, edge: number): { width: number; height: number } {
  const scale = Math.min(1, edge / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

const HEAD = 256 * 1024

/** Read before the photo is made small: what a canvas draws says neither when nor where. */
async function takenOf(file: Blob): Promise<Taken> {
  try {
    const { default: ExifReader } = await import('exifreader')
    return takenFrom(ExifReader.load(await file.slice(0, HEAD).arrayBuffer(), { expanded: true }))
  } catch {
    // No EXIF, or the reader is not on this phone yet: the photo goes without.
    return {}
  }
}

type Tags = Pick<ExpandedTags, 'gps' | 'exif'>

export function takenFrom({ gps, exif }: Tags): Taken {
  const at = momentOf(exif?.DateTimeOriginal?.description, exif?.OffsetTimeOriginal?.description)
  return { ...(at ? { at } : {}), ...placeIn(gps) }
}

function placeIn(gps: Tags['gps']): Pick<Taken, 'lon' | 'lat'> {
  const { Longitude: lon, Latitude: lat } = gps ?? {}
  return Number.isFinite(lon) && Number.isFinite(lat) ? { lon, lat } : {}
}

/** EXIF's own way of writing a moment; without a zone it is that of the people here. */
export function momentOf(written: string | undefined, zone = '+08:00'): string | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(written ?? '')
  const moment = parts ? new Date(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${zone}`) : null
  return moment && !Number.isNaN(moment.getTime()) ? moment.toISOString() : null
}

/** Resizes to a JPEG. Drawing on a canvas drops EXIF: where it was taken goes beside the photo, not in it. */
export async function preparePhoto(file: Blob): Promise<LocalPhoto> {
  const taken = await takenOf(file)
  const told = Object.keys(taken).length ? { taken } : {}
  try {
    return { clientId: newId(), blob: await shrink(file), ...told }
  } catch {
    // Old web views cannot decode or encode some pictures; the server can still take these kinds.
    if (ACCEPTED.includes(file.type) && file.size <= MAX_BYTES) return { clientId: newId(), blob: file }
    throw new UnreadablePhoto()
  }
}

async function shrink(file: Blob): Promise<Blob> {
  const picture = await decode(file)
  const size = fitWithin(picture.width, picture.height, MAX_EDGE)
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const context = canvas.getContext('2d')
  if (!context) throw new UnreadablePhoto()
  context.drawImage(picture, 0, 0, size.width, size.height)
  return encode(canvas)
}

async function encode(canvas: HTMLCanvasElement): Promise<Blob> {
  let smallest: Blob | null = null
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality))
    if (!blob) throw new UnreadablePhoto()
    smallest = blob
    if (blob.size <= WANTED_BYTES) break
  }
  return smallest!
}

async function decode(file: Blob): Promise<ImageBitmap | HTMLImageElement> {
  if (typeof createImageBitmap === 'function') {
    return createImageBitmap(file, { imageOrientation: 'from-image' })
  }
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    return image
  } finally {
    URL.revokeObjectURL(url)
  }
}
