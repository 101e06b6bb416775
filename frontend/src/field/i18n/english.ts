import shared from '@/shared/i18n/en'

import en from './en'

/** A part of its own: most phones never ask for it. */
export default { ...shared, ...en }
