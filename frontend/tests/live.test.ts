import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'

import { useLive } from '@/center/composables/useLive'

class FakeSource extends EventTarget {
  static readonly CLOSED = 2
  static last: FakeSource
  readyState = 1
  constructor() {
    super()
    FakeSource.last = this
  }
  close(): void {
    this.readyState = FakeSource.CLOSED
  }
  say(kind: string): void {
    this.dispatchEvent(new Event(kind))
  }
}

let scope: EffectScope
const changed = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', FakeSource)
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  changed.mockReset()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('live updates', () => {
  it('ask once for a burst of changes', () => {
    scope.run(() => useLive(changed))
    FakeSource.last.say('hello')
    for (let index = 0; index < 100; index += 1) FakeSource.last.say('case')
    vi.advanceTimersByTime(2_000)
    expect(changed).toHaveBeenCalledOnce()
  })

  it('do not poll while the line is up', () => {
    scope.run(() => useLive(changed))
    FakeSource.last.say('hello')
    vi.advanceTimersByTime(120_000)
    expect(changed).not.toHaveBeenCalled()
  })

  it('poll while the line is down, and say so', () => {
    const live = scope.run(() => useLive(changed))!
    FakeSource.last.say('error')
    expect(live.state.value).toBe('offline')
    vi.advanceTimersByTime(61_000)
    expect(changed).toHaveBeenCalledTimes(2)
  })

  it('catch up on what was missed when the line comes back', () => {
    const live = scope.run(() => useLive(changed))!
    FakeSource.last.say('error')
    FakeSource.last.say('hello')
    vi.advanceTimersByTime(2_000)
    expect(live.state.value).toBe('live')
    expect(changed).toHaveBeenCalledOnce()
  })

  it('connect anew after the browser has given up', () => {
    scope.run(() => useLive(changed))
    const first = FakeSource.last
    first.readyState = FakeSource.CLOSED
    first.say('error')
    vi.advanceTimersByTime(20_000)
    expect(FakeSource.last).not.toBe(first)
  })

  it('hang up with the page', () => {
    scope.run(() => useLive(changed))
    scope.stop()
    expect(FakeSource.last.readyState).toBe(FakeSource.CLOSED)
  })
})
