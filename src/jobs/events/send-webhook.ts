import { setTimeout as sleep } from 'node:timers/promises'
import { readConnection, type Seals } from '../../journal/bus/connections.ts'
import { type EventDestination, findDestination } from '../../journal/bus/destinations.ts'
import type { Database } from '../../journal/bus/rules.ts'
import type { TargetSettings } from '../../journal/bus/targets.ts'
import type { UpstreamSource } from '../../http/upstream/upstream-source.ts'
import { createOauthTokens } from './oauth-tokens.ts'
import { DeliveryError, explainRequest, type Message, type Send } from './sender.ts'
import { signWebhook } from './webhook-signature.ts'

export interface WebhookParts {
  readonly db: Database
  readonly seals: Seals
  /** Guards addresses, follows no redirect, tries once. */
  readonly source: UpstreamSource
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

/** `arn:aws:events:us-east-1:000000000000:api-destination/name/id` */
export const destinationArn = /^arn:[^:]+:events:[^:]*:(\d{12}):api-destination\/([\w.-]{1,64})\/([\w-]{1,64})$/

/** What is read of an answer's body, so that its connection can be used again. Unit: bytes. Ours. */
const ANSWER_BYTES_MAX = 64 * 1024

export function createWebhookSender(parts: WebhookParts): Send {
  const pace = createPace(parts.clock)
  const tokens = createOauthTokens(parts)
  return async (message, signal) => {
    const destination = await requireDestination(parts, message)
    const connection = await readConnection(parts.db, parts.seals, destination.connectionId)
    if (!connection) throw new DeliveryError(`connection ${destination.connectionName} is gone`)
    await pace(destination, signal)
    const { secrets } = connection
    const authorization = await tokens.headers(connection, signal)
    const url = addressOf(destination.endpoint, message.target.settings, secrets.query)
    const now = parts.clock()
    const signature = signWebhook(secrets.signing, { id: message.delivery.id, now, body: message.body })
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      ...lowerCased(message.target.settings.HttpParameters?.HeaderParameters ?? {}),
      ...secrets.headers,
      ...authorization,
      ...signature,
    }
    const method = destination.method as 'POST' | 'PUT' | 'PATCH'
    const status = await exchange(parts.source, { url, method, headers, body: Buffer.from(message.body), signal })
    if (status === 401) tokens.forget(connection.id)
    if (status >= 200 && status < 300) return
    // Source: Standard Webhooks, "Deliverability and reliability": 410 says that nobody wants it any more.
    throw new DeliveryError(`the webhook answered ${status}`, { retry: status === 410 ? 'never' : 'yes' })
  }
}

async function requireDestination({ db }: WebhookParts, { target }: Message): Promise<EventDestination> {
  const [, account = '', name = '', id] = destinationArn.exec(target.arn) ?? []
  const found = account === target.account ? await findDestination(db, account, name) : undefined
  if (found?.id === id && found) return found
  throw new DeliveryError(`there is no API destination ${target.arn}`)
}

async function exchange(source: UpstreamSource, request: Parameters<UpstreamSource['request']>[0]): Promise<number> {
  try {
    const response = await source.request(request)
    await response.bytes(ANSWER_BYTES_MAX).catch(() => response.body.destroy())
    return response.status
  } catch (error) {
    request.signal?.throwIfAborted()
    throw explainRequest(error)
  }
}

/** Throws what no address can be made of. */
export function addressOf(
  endpoint: string,
  { HttpParameters }: Pick<TargetSettings, 'HttpParameters'>,
  query: Readonly<Record<string, string>>,
): URL {
  const values = [...(HttpParameters?.PathParameterValues ?? [])]
  const url = new URL(endpoint.replaceAll('*', () => encodeURIComponent(values.shift() ?? '')))
  for (const [name, value] of Object.entries({ ...HttpParameters?.QueryStringParameters, ...query })) {
    url.searchParams.set(name, value)
  }
  return url
}

/** Keeps a destination's rate, in this process. */
function createPace(clock: () => number) {
  const nextAt = new Map<string, number>()
  return async ({ id, perSecond }: EventDestination, signal: AbortSignal): Promise<void> => {
    const now = clock()
    const at = Math.max(now, nextAt.get(id) ?? 0)
    nextAt.set(id, at + 1000 / perSecond)
    if (nextAt.size > 10_000) nextAt.clear()
    if (at > now) await sleep(at - now, undefined, { signal })
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
