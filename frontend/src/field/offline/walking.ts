const part = () => import('./walk')

let walker: string | null = null

/**
 * Goes on with the round of this person as soon as the part of the app that walks is there. The parts asked for at two
 * moments may come in the other order (who is signed in is known a moment after the start): the last person counts.
 */
export async function walkSoon(person: string | null, load = part): Promise<void> {
  walker = person
  const { walkFor } = await load()
  await walkFor(walker)
}
