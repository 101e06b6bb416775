/** The categories a person chose last, on this phone. Codes only; gone with a sign-out that empties the phone. */
const MOST = 4
const PREFIX = 'wangge.recentCategories.'

export function recentCategories(owner: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + owner) ?? '[]')
    return Array.isArray(kept) ? kept.filter((code): code is string => typeof code === 'string').slice(0, MOST) : []
  } catch {
    return []
  }
}

export function rememberCategory(owner: string, code: string): void {
  const codes = [code, ...recentCategories(owner).filter((one) => one !== code)].slice(0, MOST)
  try {
    localStorage.setItem(PREFIX + owner, JSON.stringify(codes))
  } catch {
    // Full or forbidden storage: the eight icons are still there.
  }
}

/** For everybody who used the phone. */
export function forgetRecentCategories(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key)
}
