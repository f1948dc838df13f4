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
  const form = { grant_type: 'client_credentials', client_id: oauth.clientId, client_secret: oauth.clientSecret }
  const body = Buffer.from(new URLSearchParams(form).toString())
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  const request = { url: oauth.endpoint, method: oauth.method, headers, body, signal }
  const answer = await source.request(request).catch((error: unknown) => {
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

function parseAnswer(text: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
