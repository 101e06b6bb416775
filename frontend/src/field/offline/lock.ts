/** One at a time over all tabs of this app; others wait for their turn. */
export async function alone(name: string, work: () => Promise<void>): Promise<void> {
  // Web views without locks have no second tab; and if they had, the server knows every id.
  if (!navigator.locks) return work()
  await navigator.locks.request(`wangge-${name}`, work)
}
