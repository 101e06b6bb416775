import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { api, ApiError, apiUrl, setApiLanguage, toApiError, whenSignedOut } from '@/shared/api/client'

const answers = vi.fn<typeof fetch>()

function answer(status: number, body: unknown): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), { status })
}
function sentHeaders(): Headers {
  return new Headers(answers.mock.calls[0]![1]!.headers)
}
async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ApiError)
  return error as ApiError
}

beforeEach(() => {
  document.cookie = 'csrftoken=token-1'
  vi.stubGlobal('fetch', answers)
})
afterEach(() => {
  answers.mockReset()
  vi.unstubAllGlobals()
  whenSignedOut(() => undefined)
})

describe('the API client', () => {
  it('sends the CSRF token of the cookie with a change', async () => {
    answers.mockResolvedValue(answer(200, {}))
    await api.post('cases/')
    expect(sentHeaders().get('X-CSRFToken')).toBe('token-1')
  })

  it('reads the cookie anew for each call: signing in changes the token', async () => {
    document.cookie = 'csrftoken=token-2'
    answers.mockResolvedValue(answer(204, null))
    await api.remove('session/')
    expect(sentHeaders().get('X-CSRFToken')).toBe('token-2')
  })

  it('asks for sentences in the language of the screen', async () => {
    setApiLanguage('en')
    answers.mockImplementation(() => Promise.resolve(answer(200, {})))
    await api.get('me/')
    expect(sentHeaders().get('Accept-Language')).toBe('en')
    setApiLanguage('zh-hans')
    await api.get('me/')
    expect(new Headers(answers.mock.calls[1]![1]!.headers).get('Accept-Language')).toBe('zh-Hans')
  })

  it('lets the browser set the type of an upload', async () => {
    answers.mockResolvedValue(answer(201, {}))
    await api.upload('cases/1/files/', new Blob(['x']), 'a.jpg', { client_id: 'u' })
    expect(sentHeaders().has('Content-Type')).toBe(false)
    expect((answers.mock.calls[0]![1]!.body as FormData).get('client_id')).toBe('u')
  })

  it('leaves empty filters out of the address', () => {
    expect(apiUrl('cases/', { q: '', state: null, overdue: true, area: undefined })).toBe('/api/v1/cases/?overdue=true')
  })
})

describe('an API error', () => {
  it('carries status, code, sentence and the field it belongs to', () => {
    const error = toApiError(400, { code: 'required', message: '请填写', field: 'text', errors: [{ code: 'required', message: '请填写', field: 'text' }] })
    expect([error.status, error.code, error.message, error.field]).toEqual([400, 'required', '请填写', 'text'])
    expect(error.forField('text')).toBe('请填写')
    expect(error.forField('category')).toBeNull()
  })

  it('keeps what a stale version tells beyond the common shape', () => {
    expect(toApiError(409, { code: 'stale_version', message: 'm', current_version: 7 }).body.current_version).toBe(7)
  })

  it('is no answer at all if it broke off, or is the page of a net that wants a sign-in of its own', async () => {
    for (const text of ['{"id": 7, "num', '<title>Wi-Fi</title>', '']) {
      answers.mockResolvedValue(new Response(text, { status: 200 }))
      expect(await failure(api.post('cases/'))).toMatchObject({ offline: true, code: 'network' })
    }
  })

  it('is made of a proxy page too', async () => {
    answers.mockResolvedValue(new Response('<html>Bad gateway</html>', { status: 502 }))
    expect((await failure(api.get('me/'))).code).toBe('http_502')
  })

  it('says offline when no answer came', async () => {
    answers.mockRejectedValue(new TypeError('failed'))
    expect((await failure(api.get('me/'))).offline).toBe(true)
  })

  it('of 401 ends the session on the screen', async () => {
    const ended = vi.fn()
    whenSignedOut(ended)
    answers.mockResolvedValue(answer(401, { code: 'not_authenticated', message: 'm' }))
    await failure(api.get('cases/'))
    expect(ended).toHaveBeenCalledOnce()
  })
})
