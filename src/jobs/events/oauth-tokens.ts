import type { ConnectionSecrets, EventConnection } from '../../journal/bus/connections.ts'
import type { UpstreamSource } from '../../http/upstream/upstream-source.ts'
import { DeliveryError, explainRequest } from './sender.ts'

/** How long a token is used that does not say when it ends, and how long before its end no longer. Unit: ms. Ours. */
const TOKEN_MS = { unsaid: 300_000, spare: 30_000 }
/** Unit: bytes. Ours. */
const ANSWER_BYTES_MAX = 64 * 1024
/** Connections remembered. Ours. */
const ENTRIES_MAX = 1000

interface Token {
  readonly value: string
  readonly updatedAt: number
  readonly expiresAt: number
}

export interface OauthTokens {
  /** The `authorization` header, where the connection needs one of this kind. */
  headers(connection: EventConnection, signal: AbortSignal): Promise<Record<string, string>>
  forget(connectionId: string): void
}

/** Tokens by client credentials, kept while they hold. Source: RFC 6749 4.4. */
export function createOauthTokens({
  source,
  clock,
}: {
  readonly source: UpstreamSource
  readonly clock: () => number
}): OauthTokens {
  const kept = new Map<string, Token>()
  return {
    async headers({ id, updatedAt, secrets }, signal) {
      if (!secrets.oauth) return {}
      let token = kept.get(id)
      if (!token || token.updatedAt !== updatedAt || token.expiresAt <= clock()) {
        token = { updatedAt, ...(await fetchToken(source, secrets.oauth, signal, clock)) }
        if (kept.size >= ENTRIES_MAX) kept.clear()
        kept.set(id, token)
      }
      return { authorization: `Bearer ${token.value}` }
    },
    forget: (id) => void kept.delete(id),
  }
}

async function fetchToken(
  source: UpstreamSource,
  oauth: NonNullable<ConnectionSecrets['oauth']>,
  signal: AbortSignal,
  clock: () => number,
): Promise<Omit<Token, 'updatedAt'>> {
  const answer = await source.request({ ...requestFor(oauth), signal }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw explainRequest(error)
  })
  const text = (await answer.bytes(ANSWER_BYTES_MAX)).toString()
  const { access_token: value, expires_in: seconds } = parseAnswer(text)
  if (answer.status !== 200 || typeof value !== 'string') {
    throw new DeliveryError(`the authorization endpoint answered ${answer.status} without an access token`)
  }
  const lifetimeMs = typeof seconds === 'number' ? seconds * 1000 - TOKEN_MS.spare : TOKEN_MS.unsaid
  return { value, expiresAt: clock() + lifetimeMs }
}

/** The form goes into the body, or into the address of a request that has none. */
function requestFor(oauth: NonNullable<ConnectionSecrets['oauth']>) {
  const { clientId, clientSecret, endpoint, method } = oauth
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, ...oauth.body }
  const url = new URL(endpoint)
  for (const [name, value] of Object.entries({ ...oauth.query, ...(method === 'GET' && form) })) {
    url.searchParams.set(name, value)
  }
  const headers = { accept: 'application/json', ...oauth.headers }
  if (method === 'GET') return { url, method, headers }
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = Buffer.from(new URLSearchParams(form).toString())
  return { url, method, headers: { ...headers, ...type }, body }
}

function parseAnswer(text: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
