import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

/** Vant's own sentences are Chinese only. */
export function usePullTexts() {
  const { t } = useI18n()
  return computed(() => ({
    pullingText: t('field.pull.pull'),
    loosingText: t('field.pull.release'),
    loadingText: t('common.loading'),
  }))
}
