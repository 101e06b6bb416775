// One door to the API: CSRF header, the user's language, and errors as one type.

export interface FieldError {
  code: string
  message: string
  field: string | null
}

export type ErrorBody = Record<string, unknown>

/** Every failed call ends in this, also when no answer came at all (`status` 0, `code` "network"). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    readonly errors: FieldError[] = [],
    readonly body: ErrorBody = {},
  ) {
    super(message)
    this.name = 'ApiError'
  }

  /** The server's sentence for one field of a form, or null. */
  forField(name: string): string | null {
    return this.errors.find((error) => error.field === name)?.message ?? (this.field === name ? this.message : null)
  }

  get offline(): boolean {
    return this.status === 0
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const ROOT = '/api/v1/'

let language = 'zh-Hans'
/** Tells the server which language its sentences shall have. */
export function setApiLanguage(code: string): void {
  language = code === 'en' ? 'en' : 'zh-Hans'
}

let onSignedOut: () => void = () => undefined
/** Called on every 401, so that a session which ended on the server ends on the screen too. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback
}

export function cookie(name: string): string | null {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : null
}

export function apiUrl(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const search = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString()
  return ROOT + path + (search ? `?${search}` : '')
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return []
  return value.map((item: ErrorBody) => ({
    code: text(item.code, 'invalid'),
    message: text(item.message, ''),
    field: typeof item.field === 'string' ? item.field : null,
  }))
}

export function toApiError(status: number, body: unknown): ApiError {
  const known: ErrorBody = body !== null && typeof body === 'object' ? (body as ErrorBody) : {}
  const field = typeof known.field === 'string' ? known.field : null
  return new ApiError(status, text(known.code, `http_${status}`), text(known.message, ''), field, fieldErrors(known.errors), known)
}

function headersFor(method: Method, body: unknown): Headers {
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': language })
  // FormData brings its own multipart boundary; setting a type here would break the upload.
  if (body !== undefined && !(body instanceof FormData)) headers.set('Content-Type', 'application/json')
  const token = cookie('csrftoken')
  if (method !== 'GET' && token) headers.set('X-CSRFToken', token)
  return headers
}

function bodyFor(body: unknown): BodyInit | undefined {
  if (body === undefined) return undefined
  return body instanceof FormData ? body : JSON.stringify(body)
}

async function parsed(response: Response): Promise<unknown> {
  if (response.status === 204) return null
  try {
    return await response.json()
  } catch {
    // Broken off in the middle, or a page of the hotel's net: nobody knows whether our server took it.
    if (response.ok) throw new ApiError(0, 'network', '')
    // A proxy's HTML page, for one: the status still tells the caller what happened.
    return null
  }
}

/** As `api.upload`, and says how much has been sent (0 to 1): fetch does not tell, the older request does. */
export function uploadTelling<Answer>(path: string, form: FormData, told: (part: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', apiUrl(path))
    headersFor('POST', form).forEach((value, name) => request.setRequestHeader(name, value))
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total)
    request.onerror = () => reject(new ApiError(0, 'network', ''))
    request.onload = () => {
      const body = jsonOf(request.responseText)
      const taken = request.status >= 200 && request.status < 300
      if (taken) return body === null ? reject(new ApiError(0, 'network', '')) : resolve(body as Answer)
      if (request.status === 401) onSignedOut()
      reject(toApiError(request.status, body))
    }
    request.send(form)
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What came of a request, by the rules of this door: also of one that was sent before the app was there. */
export async function answerOf<Answer>(asked: Promise<Response>, signal?: AbortSignal): Promise<Answer> {
  let response: Response
  try {
    response = await asked
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(0, 'network', '')
  }
  const body = await parsed(response)
  if (response.ok) return body as Answer
  if (response.status === 401) onSignedOut()
  throw toApiError(response.status, body)
}

function call<Answer>(method: Method, path: string, options: { query?: Query; body?: unknown; signal?: AbortSignal } = {}): Promise<Answer> {
  const asked = fetch(apiUrl(path, options.query), {
    method,
    headers: headersFor(method, options.body),
    body: bodyFor(options.body),
    credentials: 'same-origin',
    signal: options.signal,
  })
  return answerOf<Answer>(asked, options.signal)
}

export const api = {
  get: <Answer>(path: string, query?: Query, signal?: AbortSignal) => call<Answer>('GET', path, { query, signal }),
  post: <Answer>(path: string, body: unknown = {}) => call<Answer>('POST', path, { body }),
  put: <Answer>(path: string, body: unknown = {}) => call<Answer>('PUT', path, { body }),
  patch: <Answer>(path: string, body: unknown) => call<Answer>('PATCH', path, { body }),
  remove: (path: string, query?: Query) => call<null>('DELETE', path, { query }),
  /** Multipart upload: `fields` beside the file go as plain form values. */
  upload: <Answer>(path: string, file: Blob, name: string, fields: Record<string, string> = {}) => {
    const form = new FormData()
    for (const [key, value] of Object.entries(fields)) form.append(key, value)
    form.append('file', file, name)
    return call<Answer>('POST', path, { body: form })
  },
}
