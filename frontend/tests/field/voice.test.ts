import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import VoiceNote from '@/field/components/VoiceNote.vue'
import { makeRecording, MOST_RECORDINGS, recordingType, type Recording } from '@/field/lib/recording'

import { i18n } from './fakes'

/** A browser that records three bytes a second. */
class FakeRecorder {
  static types = ['audio/webm;codecs=opus']
  static last: FakeRecorder
  static empty = false
  static isTypeSupported = (type: string) => FakeRecorder.types.includes(type)
  state = 'inactive'
  ondataavailable: (event: { data: Blob }) => void = () => {}
  onstop: () => void = () => {}
  onerror: () => void = () => {}
  readonly mimeType: string
  constructor(
    readonly stream: { getTracks: () => { stop: () => void }[] },
    options: { mimeType: string },
  ) {
    this.mimeType = options.mimeType
    FakeRecorder.last = this
  }
  start() {
    this.state = 'recording'
  }
  stop() {
    this.state = 'inactive'
    this.ondataavailable({ data: new Blob(FakeRecorder.empty ? [] : ['abc']) })
    this.onstop()
  }
}

const released = vi.fn()
const ask = vi.fn()
const refuse = (name: string) => ask.mockRejectedValueOnce(Object.assign(new Error(name), { name }))

function note(recordings: Recording[] = []) {
  return mount(VoiceNote, { props: { recordings }, global: { plugins: [i18n()] }, attachTo: document.body })
}
const button = (page: ReturnType<typeof note>, words: string) => page.findAll('button, label').find((one) => one.text().includes(words))
const added = (page: ReturnType<typeof note>) => (page.emitted('add') ?? []).map(([one]) => one as Recording)

async function choose(page: ReturnType<typeof note>, file: File) {
  const input = page.get('input[type="file"]')
  Object.defineProperty(input.element, 'files', { value: [file], configurable: true })
  await input.trigger('change')
}

describe('a voice note', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    FakeRecorder.types = ['audio/webm;codecs=opus']
    FakeRecorder.empty = false
    released.mockClear()
    ask.mockReset().mockResolvedValue({ getTracks: () => [{ stop: released }] })
    vi.stubGlobal('MediaRecorder', FakeRecorder)
    Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: ask }, configurable: true })
    vi.spyOn(window, 'confirm').mockReturnValue(true)
    URL.createObjectURL = vi.fn(() => 'blob:x')
    URL.revokeObjectURL = vi.fn()
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
    document.body.innerHTML = ''
  })

  it('is recorded with one tap and ended with another, showing the seconds', async () => {
    const page = note()
    await button(page, '录一段话')!.trigger('click')
    await flushPromises()
    vi.advanceTimersByTime(7_250)
    await flushPromises()
    expect(button(page, '停止')!.text()).toContain('7 秒')
    await button(page, '停止')!.trigger('click')
    const [one] = added(page)
    expect([one!.kind, one!.seconds, one!.blob.type, one!.blob.size]).toEqual(['audio', 7, 'audio/webm', 3])
    expect(one!.clientId).toMatch(/^[0-9a-f-]{36}$/)
    expect(released).toHaveBeenCalledOnce()
  })

  it('ends by itself after a minute, and says so', async () => {
    const page = note()
    await button(page, '录一段话')!.trigger('click')
    await flushPromises()
    vi.advanceTimersByTime(61_000)
    await flushPromises()
    expect(added(page).map(({ seconds }) => seconds)).toEqual([60])
    expect(page.text()).toContain('已到 60 秒')
  })

  it('is kept when the page is left while recording', async () => {
    const kept = vi.fn()
    const page = mount(VoiceNote, { props: { recordings: [], onAdd: kept }, global: { plugins: [i18n()] } })
    await page.findAll('button').find((one) => one.text().includes('录一段话'))!.trigger('click')
    await flushPromises()
    page.unmount()
    expect(kept).toHaveBeenCalledOnce()
    expect(released).toHaveBeenCalledOnce()
  })

  it.each([
    ['NotAllowedError', '没有允许使用麦克风'],
    ['NotFoundError', '没有找到麦克风'],
    ['AbortError', '没有录成'],
  ])('says why it could not be recorded (%s), and takes a file instead', async (name, words) => {
    refuse(name)
    const page = note()
    await button(page, '录一段话')!.trigger('click')
    await flushPromises()
    expect(page.get('[role="alert"]').text()).toContain(words)
    await choose(page, new File(['x'], 'a.m4a', { type: 'audio/mp4' }))
    expect(added(page).map(({ seconds, kind }) => [seconds, kind])).toEqual([[null, 'audio']])
  })

  it('says so when nothing was recorded', async () => {
    FakeRecorder.empty = true
    const page = note()
    await button(page, '录一段话')!.trigger('click')
    await flushPromises()
    await button(page, '停止')!.trigger('click')
    expect(page.get('[role="alert"]').text()).toContain('没有录到声音')
    expect(added(page)).toEqual([])
  })

  it('is a file where the browser cannot record', () => {
    vi.stubGlobal('MediaRecorder', undefined)
    const page = note()
    expect(button(page, '录一段话')).toBeUndefined()
    const input = page.get('input[type="file"]')
    expect([input.attributes('accept'), input.attributes('capture')]).toEqual(['audio/*', ''])
  })

  it.each([
    [new File(['x'], 'a.pdf', { type: 'application/pdf' }), '这不是录音文件'],
    [new File([new Uint8Array(11 * 1024 * 1024)], 'a.wav', { type: 'audio/wav' }), '有 11 MB，最多 10 MB'],
  ])('refuses a file with a reason', async (file, words) => {
    vi.stubGlobal('MediaRecorder', undefined)
    const page = note()
    await choose(page, file)
    expect(page.get('[role="alert"]').text()).toContain(words)
    expect(added(page)).toEqual([])
  })

  it('can be heard before it is sent, and deleted', async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
    vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue()
    const one = makeRecording(new Blob(['abc']), 7)
    const page = note([one])
    await page.get('[aria-label="播放录音，7 秒"]').trigger('click')
    expect(play).toHaveBeenCalledOnce()
    await page.get('[aria-label="暂停"]').trigger('click')
    await page.get('[aria-label="删除录音"]').trigger('click')
    expect(page.emitted('remove')).toEqual([[one.clientId]])
    expect(URL.revokeObjectURL).toHaveBeenCalled()
  })

  it('says so when this phone cannot play it', async () => {
    vi.spyOn(HTMLMediaElement.prototype, 'play').mockRejectedValue(new Error('NotSupportedError'))
    vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue()
    const page = note([makeRecording(new Blob(['abc']), null)])
    await page.get('[aria-label="播放录音"]').trigger('click')
    await flushPromises()
    expect(page.get('[role="alert"]').text()).toContain('放不出')
  })

  it('is not deleted without a question', async () => {
    vi.mocked(window.confirm).mockReturnValue(false)
    const page = note([makeRecording(new Blob(['abc']), 7)])
    await page.get('[aria-label="删除录音"]').trigger('click')
    expect(page.emitted('remove')).toBeUndefined()
  })

  it('offers no more than a few, and says how to record another', () => {
    const page = note(Array.from({ length: MOST_RECORDINGS }, () => makeRecording(new Blob(['abc']), 7)))
    expect(button(page, '录一段话')).toBeUndefined()
    expect(page.text()).toContain('最多 3 段录音')
  })

  it('never records uncompressed sound', () => {
    FakeRecorder.types = ['audio/webm;codecs=pcm']
    expect(recordingType()).toBeNull()
    FakeRecorder.types = ['audio/webm;codecs=opus', 'audio/mp4;codecs=mp4a.40.2']
    expect(recordingType()).toBe('audio/mp4;codecs=mp4a.40.2')
  })
})
