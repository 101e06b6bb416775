import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'

import { useSteps } from '@/field/composables/useSteps'

const made: number[] = []
const Page = defineComponent({
  setup() {
    const step = useSteps(2)
    return () => {
      made.push(step.value)
      return h('p', String(step.value))
    }
  },
})
let draw: (() => void)[] = []
const drawAll = async () => {
  for (const frame of draw.splice(0)) frame()
  await vi.advanceTimersByTimeAsync(0)
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => draw.push(frame))
  made.length = 0
  draw = []
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a long page', () => {
  it('stands with its first piece, and gets another after each drawing until it is whole', async () => {
    const page = mount(Page)
    await vi.advanceTimersByTimeAsync(0)
    expect(page.text()).toBe('0')
    await drawAll()
    expect(page.text()).toBe('1')
    await drawAll()
    await drawAll()
    expect(page.text()).toBe('2')
    expect([made, draw.length]).toEqual([[0, 1, 2], 0])
  })

  it('is whole, too, where nothing is drawn: the app is in the background', async () => {
    const page = mount(Page)
    await vi.advanceTimersByTimeAsync(250)
    expect(page.text()).toBe('2')
  })

  it('is not put up further once it was left', async () => {
    const page = mount(Page)
    page.unmount()
    await vi.advanceTimersByTimeAsync(250)
    expect(made).toEqual([0])
    expect(draw.length).toBe(1)
  })
})
