/** Longer than this no frame is waited for: a page in the background draws none (milliseconds). */
const NO_FRAME = 100

/** The next task: what was asked for meanwhile, a tap above all, goes first. */
export const breath = () => new Promise<void>((done) => setTimeout(done, 0))

/** The next task after something was drawn. */
export function drawn(): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, NO_FRAME)
    requestAnimationFrame(() => {
      clearTimeout(timer)
      setTimeout(done, 0)
    })
  })
}
