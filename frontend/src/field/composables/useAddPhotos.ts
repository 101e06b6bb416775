import { ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { useSession } from '@/shared/session'

import { preparePhoto } from '../lib/photo'

import { usePhotoUploads } from './usePhotoUploads'

/** More photos for a case that exists: made small, kept on the phone, sent from there. */
export function useAddPhotos(caseId: () => string, sent: () => Promise<void>) {
  const { t } = useI18n()
  const { user } = useSession()
  const uploads = usePhotoUploads()
  const busy = ref(false)
  const problem = ref('')

  async function prepared(file: File) {
    try {
      return await preparePhoto(file)
    } catch {
      problem.value = t('field.report.photoUnreadable')
      return null
    }
  }

  async function add(files: File[]): Promise<void> {
    busy.value = true
    problem.value = ''
    for (const file of files) {
      const photo = await prepared(file)
      if (photo) await uploads.add(String(user.value?.id ?? ''), caseId(), [photo])
    }
    busy.value = false
    await sent()
  }

  return { busy, problem, add }
}
