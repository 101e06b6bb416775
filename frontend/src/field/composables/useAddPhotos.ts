import { ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { CaseDetail } from '@/shared/api/types'
import { useSession } from '@/shared/session'

import { calls } from '../api'
import { isFull, sentenceFor } from '../lib/errors'
import { preparePhoto, type LocalFile } from '../lib/photo'
import { fieldDatabase } from '../offline/db'
import { fieldsOf, keepFiles } from '../offline/doing'
import { keepOr } from '../offline/room'
import { exchangeNow } from '../offline/work'

/** More photos for a case that exists: made small, kept on the phone, sent from there. */
export function useAddPhotos(detail: () => CaseDetail | null) {
  const { t } = useI18n()
  const { user } = useSession()
  const busy = ref(false)
  const problem = ref('')

  async function prepared(file: File): Promise<LocalFile | null> {
    try {
      return { ...(await preparePhoto(file)), kind: 'photo' }
    } catch {
      problem.value = t('field.report.photoUnreadable')
      return null
    }
  }

  async function send(photo: LocalFile): Promise<void> {
    const database = await fieldDatabase()
    const case_ = detail()
    if (!case_) return
    const directly = async () => void (await calls.upload(String(case_.id), photo.clientId, photo.blob, fieldsOf(photo)))
    await (database ? keepOr(() => keepFiles(database, String(user.value?.id ?? ''), case_, [photo]), directly) : directly())
  }
  const say = (failure: unknown) => (problem.value = isFull(failure) ? t('field.report.full') : sentenceFor(failure, t))

  async function add(files: File[]): Promise<void> {
    busy.value = true
    problem.value = ''
    // One at a time: a cheap phone has no memory for six decoded pictures.
    for (const file of files) {
      const photo = await prepared(file)
      if (photo) await send(photo).catch(say)
    }
    busy.value = false
    void exchangeNow()
  }

  return { busy, problem, add }
}
