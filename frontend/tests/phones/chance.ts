/** The same numbers for the same seed (mulberry32). */
export function chanceOf(seed: number) {
  let state = seed * 2654435761 + 1
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    often: (share: number) => next() < share,
    one: <Thing>(things: readonly Thing[]): Thing | undefined => things[below(things.length)],
    /** By weight. */
    weighed: <Name extends string>(weights: Record<Name, number>): Name => {
      const names = Object.keys(weights) as Name[]
      let left = next() * names.reduce((sum, name) => sum + weights[name], 0)
      return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
    },
    /** Ids of things are the seed's too: a run can be repeated and compared. */
    id: (): string => {
      const hex = Array.from({ length: 32 }, () => below(16).toString(16))
      hex[12] = '4'
      hex[16] = '8'
      return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    },
  }
}

export type Chance = ReturnType<typeof chanceOf>
