/** How the app looks on this phone. public/look.js applies it, also before the app is there. */
export const THEMES = ['system', 'light', 'dark'] as const
export const SIZES = ['standard', 'large'] as const
export type Theme = (typeof THEMES)[number]
export type Size = (typeof SIZES)[number]

function kept<Value extends string>(name: string, choices: readonly Value[], usual: Value): Value {
  try {
    const value = localStorage.getItem(`wangge.look.${name}`)
    return choices.find((choice) => choice === value) ?? usual
  } catch {
    return usual
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`wangge.look.${name}`, value)
  } catch {
    // Storage forbidden: the setting cannot be kept, and the app looks as it did.
  }
  window.dispatchEvent(new Event('wangge-look'))
}

export const keptTheme = () => kept<Theme>('theme', THEMES, 'system')
export const keptSize = () => kept<Size>('size', SIZES, 'standard')
export const setTheme = (theme: Theme) => keep('theme', theme)
export const setSize = (size: Size) => keep('size', size)
