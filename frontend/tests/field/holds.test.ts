import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { api } from '@/shared/api/client'

import InstallCard from '@/field/components/InstallCard.vue'
import PhoneHolds from '@/field/components/PhoneHolds.vue'
import { deviceCalls, deviceId, forgetDeviceId, type Device } from '@/field/lib/device'
import type { Held } from '@/field/lib/held'
import { watchInstall } from '@/field/lib/install'

import { dropped, i18n } from './fakes'

const HERE: Device = {
  id: '11111111-1111-4111-8111-111111111111',
  name: 'Android · Chrome',
  first_seen: '2026-11-20T02:00:00Z',
  last_seen: '2026-11-25T02:00:00Z',
  signed_out_at: null,
  wipe_asked_at: null,
  wiped_at: null,
  here: true,
}
const LOST: Device = { ...HERE, id: '22222222-2222-4222-8222-222222222222', name: '', here: false }

async function page(held: Held[] | null = [], more = {}) {
  const one = mount(PhoneHolds, { props: { held, ...more }, global: { plugins: [i18n()] } })
  await flushPromises()
  return one
}
const lost = (one: Awaited<ReturnType<typeof page>>) => one.findAll('li.device')[1]!
const press = (one: Awaited<ReturnType<typeof page>>, words: string) =>
  lost(one).findAll('button').find((button) => button.text().startsWith(words))!.trigger('click')

describe('what this phone holds', () => {
  beforeEach(() => {
    vi.restoreAllMocks()
    vi.spyOn(deviceCalls, 'mine').mockResolvedValue({ results: [HERE, LOST] })
    vi.spyOn(window, 'confirm').mockReturnValue(true)
  })

  it('is counted by kind, with the oldest of each', async () => {
    const one = await page([
      { kind: 'matters', count: 12, since: '2026-11-01T02:00:00Z' },
      { kind: 'photos', count: 0, since: null },
      { kind: 'cells', count: 5, since: null },
    ])
    const rows = one.findAll('dl > div').map((row) => row.text())
    expect(rows).toEqual(['事项12最早 2026/11/01', '网格边界5'])
  })

  it('says so when it holds nothing, when it is still counting, and when it cannot tell', async () => {
    expect((await page([])).text()).toContain('没有存任何事项')
    expect((await page(null)).find('dl').exists()).toBe(false)
    expect((await page(null, { failed: true })).get('[role="alert"]').text()).toContain('读不出')
  })

  it('tells when the position is read, and for how long things stay', async () => {
    const words = (await page([], { days: 30 })).text()
    for (const said of ['上报时读一次位置', '“开始巡查”到点“结束巡查”', '其他时候不读位置', '最近 30 天', '直到服务器收到', '退出登录时清空']) {
      expect(words).toContain(said)
    }
  })
})

describe('phones signed in', () => {
  beforeEach(() => {
    vi.restoreAllMocks()
    vi.spyOn(deviceCalls, 'mine').mockResolvedValue({ results: [HERE, LOST] })
    vi.spyOn(window, 'confirm').mockReturnValue(true)
  })

  it('are listed with the last use; this one cannot be signed out from here', async () => {
    const one = await page()
    const [here, other] = one.findAll('li.device')
    expect(here!.text()).toBe('Android · Chrome · 这部手机最近使用：2026/11/25 10:00')
    expect(other!.findAll('button').map((button) => button.text())).toEqual(['退出登录未知手机', '退出并清空未知手机'])
  })

  it('are signed out, after a question', async () => {
    const signOut = vi.spyOn(deviceCalls, 'signOut').mockResolvedValue({ ...LOST, signed_out_at: '2026-11-25T03:00:00Z' })
    const one = await page()
    await press(one, '退出登录')
    await flushPromises()
    expect(signOut).toHaveBeenCalledWith(LOST.id, false)
    expect(one.text()).toContain('“未知手机”已退出登录。')
    expect(lost(one).text()).toContain('已退出登录：2026/11/25 11:00')
    expect(lost(one).findAll('button').map((button) => button.text())).toEqual(['退出并清空未知手机'])
  })

  it('are emptied when they come online, which the list tells', async () => {
    const asked = { ...LOST, signed_out_at: '2026-11-25T03:00:00Z', wipe_asked_at: '2026-11-25T03:00:00Z' }
    const signOut = vi.spyOn(deviceCalls, 'signOut').mockResolvedValue(asked)
    const one = await page()
    await press(one, '退出并清空')
    await flushPromises()
    expect(signOut).toHaveBeenCalledWith(LOST.id, true)
    expect(lost(one).text()).toContain('等它下次联网时清空')
    expect(lost(one).find('button').exists()).toBe(false)
  })

  it('stay as they are when the question is answered with no, or the network fails', async () => {
    const signOut = vi.spyOn(deviceCalls, 'signOut').mockRejectedValue(dropped())
    const one = await page()
    vi.mocked(window.confirm).mockReturnValueOnce(false)
    await press(one, '退出登录')
    expect(signOut).not.toHaveBeenCalled()
    await press(one, '退出登录')
    await flushPromises()
    expect(one.get('[role="alert"]').text()).toContain('没有成功')
    expect(lost(one).findAll('button')).toHaveLength(2)
  })

  it('are not known without a network, and can be asked for again', async () => {
    vi.mocked(deviceCalls.mine).mockRejectedValueOnce(dropped())
    const one = await page()
    expect(one.find('li.device').exists()).toBe(false)
    await one.findAll('button').at(-1)!.trigger('click')
    await flushPromises()
    expect(one.findAll('li.device')).toHaveLength(2)
  })
})

describe('the id of this phone', () => {
  beforeEach(() => {
    vi.restoreAllMocks()
    localStorage.clear()
  })

  it('is made once, and anew after the phone was emptied', () => {
    const first = deviceId()
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    expect(deviceId()).toBe(first)
    forgetDeviceId()
    expect(deviceId()).not.toBe(first)
  })

  it('stays the same while the page is open where nothing can be kept', () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new Error('forbidden')
    })
    expect(deviceId()).toBe(deviceId())
  })

  it('is what the server is asked and told with', async () => {
    const put = vi.spyOn(api, 'put').mockResolvedValue({ ...HERE, wipe: false })
    const get = vi.spyOn(api, 'get').mockResolvedValue({ wipe: true, signed_out: true })
    const post = vi.spyOn(api, 'post').mockResolvedValue(null)
    await deviceCalls.register()
    expect(await deviceCalls.fate()).toEqual({ wipe: true, signed_out: true })
    await deviceCalls.wiped()
    const id = deviceId()
    expect([put.mock.calls[0]![0], get.mock.calls[0]![0], post.mock.calls[0]![0]]).toEqual([
      `devices/${id}/`,
      `devices/${id}/fate/`,
      `devices/${id}/wiped/`,
    ])
  })
})

describe('putting the app on the home screen', () => {
  it('is offered only when the browser can, and once', async () => {
    watchInstall()
    const card = mount(InstallCard, { global: { plugins: [i18n()] } })
    expect(card.find('button').exists()).toBe(false)
    const prompt = vi.fn(async () => {})
    window.dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt, userChoice: Promise.resolve({ outcome: 'accepted' }) }))
    await flushPromises()
    await card.get('button').trigger('click')
    await flushPromises()
    expect(prompt).toHaveBeenCalledOnce()
    expect(card.text()).toContain('已装到桌面')
    expect(card.find('button').exists()).toBe(false)
  })
})
