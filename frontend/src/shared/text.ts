/** The server names acts, states and roles as words within a sentence; as a heading or a button they begin with a capital. */
export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
