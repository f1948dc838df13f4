import type { ApiSigner } from './packyard-api.ts'

export interface BrowserRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** A page of another site, or none of ours: without what our own pages send. */
  readonly from?: 'console' | 'elsewhere'
}

/** What a browser does with cookies and with the headers that pages cannot set. */
export class ConsoleBrowser {
  readonly #url: string
  readonly cookies = new Map<string, string>()
  /** As `Set-Cookie` gave them last. */
  readonly cookieLines: string[] = []

  constructor(url: string) {
    this.#url = url
  }

  async fetch(target: string, { method = 'GET', headers = {}, body, from = 'console' }: BrowserRequest = {}) {
    const own = {
      'x-packyard-console': '1',
      'sec-fetch-site': 'same-origin',
      ...(method !== 'GET' && { origin: this.#url }),
    }
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${this.#url}${target}`, {
      method,
      redirect: 'manual',
      headers: { ...(from === 'console' ? own : {}), ...(cookie !== '' && { cookie }), ...headers },
      ...(body !== undefined && { body }),
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return response
  }

  signIn({ credentials }: Pick<ApiSigner, 'credentials'>, request: BrowserRequest = {}): Promise<Response> {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify(credentials)
    return this.fetch('/packyard/v1/session', { method: 'POST', headers, body, ...request })
  }

  #keep(line: string): void {
    this.cookieLines.push(line)
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/Max-Age=0/.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

export async function failureOf(response: Response): Promise<readonly [status: number, code: string]> {
  const { code, __type: type } = (await response.json()) as { code?: string; __type?: string }
  return [response.status, code ?? type ?? '']
}
