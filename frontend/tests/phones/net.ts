import { AsyncLocalStorage } from 'node:async_hooks'

export interface SignedIn {
  id: number
  session: string
}

/** Where a phone's requests go, and whether they do. */
export class Line {
  online = true
  calm = false
  private life = new AbortController()
  requests = 0

  constructor(
    readonly name: string,
    readonly address: string,
    readonly cookie: string,
    readonly who: SignedIn,
  ) {}

  /** The app is killed: nobody waits for answers any more. */
  cut(): void {
    this.life.abort()
    this.life = new AbortController()
  }

  /** The app's own `fetch`: same words, with the browser's cookies. */
  async fetch(path: string, options: RequestInit = {}): Promise<Response> {
    if (!this.online) throw new TypeError('Failed to fetch')
    this.requests += 1
    const headers = new Headers(options.headers)
    headers.set('Cookie', `${this.cookie}=${this.who.session}; csrftoken=${TOKEN}`)
    headers.set('X-Phone', this.name)
    if (this.calm) headers.set('X-Calm', '1')
    return realFetch(this.address + path, { ...options, headers, signal: this.life.signal })
  }
}

const TOKEN = 'phones'.padEnd(32, '0')
const realFetch = globalThis.fetch
const lines = new AsyncLocalStorage<Line>()

/** From here on `fetch` and `document.cookie` are those of the phone on whose behalf the code runs. */
export function install(): void {
  globalThis.fetch = (input, options) => {
    const line = lines.getStore()
    if (!line) throw new Error('a request of nobody')
    return line.fetch(String(input), options)
  }
  Object.assign(globalThis, { document: { cookie: `csrftoken=${TOKEN}` } })
}

export const as = <Value>(line: Line, work: () => Promise<Value>): Promise<Value> => lines.run(line, work)
