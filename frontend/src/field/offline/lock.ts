/** One at a time over all tabs of this app; a second caller goes on without doing the work. */
export async function alone(name: string, work: () => Promise<void>): Promise<boolean> {
  if (navigator.locks) {
    return navigator.locks.request(`wangge-${name}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return false
      await work()
      return true
    })
  }
  return aloneHere(name, work)
}

const running = new Set<string>()

/** Web views without locks have no second tab; and if they had, the server knows every id. */
async function aloneHere(name: string, work: () => Promise<void>): Promise<boolean> {
  if (running.has(name)) return false
  running.add(name)
  try {
    await work()
    return true
  } finally {
    running.delete(name)
  }
}
