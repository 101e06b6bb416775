import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

import { useSession } from '@/shared/session'

import { emptyDraft, type ReportDraft } from '../lib/draft'
import type { LocalFile } from '../lib/photo'
import { fieldDatabase, type FieldDatabase, type OutboxItem } from '../offline/db'
import { correct, discard } from '../offline/outbox'
import { sendNow } from '../offline/work'

import { putBack, type ActValue } from './useAct'

const META = new Set(['act', 'version', 'done_at', 'seen', 'after'])

/** What can be done with something the server refused: change it, send it again, or let it go. */
export function useOutboxActs() {
  const { t } = useI18n()
  const router = useRouter()
  const { user } = useSession()
  const owner = () => String(user.value?.id ?? '')

  /** A refused report becomes the draft again, with its photos. */
  async function reportBack(database: FieldDatabase, item: OutboxItem): Promise<boolean> {
    const there = await database.drafts.get(owner())
    if (there && !window.confirm(t('field.outbox.replaceDraft'))) return false
    await database.drafts.put(await draftOf(database, item), owner())
    await discard(database, item.id)
    await router.push({ name: 'report' })
    return true
  }

  async function actBack(database: FieldDatabase, item: OutboxItem): Promise<void> {
    const fields = Object.entries(item.body).filter(([name]) => !META.has(name))
    putBack(owner(), String(item.caseId), String(item.body.act), Object.fromEntries(fields) as Record<string, ActValue>)
    await discard(database, item.id)
    await router.push({ name: 'case', params: { id: String(item.caseId) }, query: { act: String(item.body.act) } })
  }

  /** The area it was for is gone meanwhile: the round counts all the same. */
  async function roundBack(item: OutboxItem): Promise<void> {
    const noArea = item.errors.some((error) => error.field === 'patrol_area')
    if (noArea && !window.confirm(t('field.patrol.withoutArea'))) return
    await again(noArea ? { ...item, body: { ...item.body, patrol_area: null } } : item)
  }

  async function change(item: OutboxItem): Promise<void> {
    const database = await fieldDatabase()
    if (!database) return
    if (item.kind === 'report') await reportBack(database, item)
    else if (item.kind === 'act') await actBack(database, item)
    else if (item.kind === 'patrol') await roundBack(item)
    else await again(item)
  }

  async function again(item: OutboxItem): Promise<void> {
    const database = await fieldDatabase()
    if (!database) return
    await correct(database, item.id, item.body)
    await sendNow()
  }

  async function drop(item: OutboxItem): Promise<void> {
    const database = await fieldDatabase()
    if (database && window.confirm(t('field.outbox.discardAsk'))) await discard(database, item.id)
  }

  return { change, again, drop }
}

async function draftOf(database: FieldDatabase, item: OutboxItem): Promise<ReportDraft> {
  const files = (await database.outbox.where('lane').equals(item.lane).toArray()).filter((one) => one.kind === 'file')
  const blobs = new Map((await database.blobs.bulkGet(files.map((one) => one.id))).flatMap((one) => (one ? [[one.id, one.blob] as const] : [])))
  const local = files.flatMap<LocalFile>((one) => {
    const blob = blobs.get(one.id)
    return blob ? [{ clientId: one.id, blob, kind: one.title as LocalFile['kind'], moment: one.body.moment as LocalFile['moment'] }] : []
  })
  const said = item.body as Record<string, never>
  return {
    ...emptyDraft(),
    clientId: item.id,
    description: String(said.description ?? ''),
    category: said.category ?? null,
    place: placeOf(said),
    photos: local.filter((file) => file.kind !== 'audio'),
    recordings: local.filter((file) => file.kind === 'audio').map(({ clientId, blob }) => ({ clientId, blob, kind: 'audio', seconds: null })),
    selfHandled: Boolean(said.self_handled),
    answers: said.answers ?? {},
    parties: said.parties ?? [],
    reportedAt: said.reported_at ?? null,
  }
}

function placeOf(said: Record<string, unknown>): ReportDraft['place'] {
  if (typeof said.lon === 'number' && typeof said.lat === 'number') {
    return { kind: 'point', lon: said.lon, lat: said.lat, accuracy: typeof said.accuracy_m === 'number' ? said.accuracy_m : null, source: 'pin' }
  }
  return typeof said.area === 'string' ? { kind: 'cell', code: said.area, name: said.area } : null
}
