import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { startPlainServer } from './plain-server.ts'
import type { Lifetime } from './upstream.ts'

/** One request that a webhook got. */
export interface ReceivedMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly path: string
  readonly body: string
  /** The status that was answered; 0 when the connection was broken off. */
  readonly status: number
}

export interface WebhookReceiver {
  readonly url: string
  /** Every request, in the order in which they came. */
  readonly requests: readonly ReceivedMessage[]
  /** Those that were answered with 200. */
  readonly taken: () => readonly ReceivedMessage[]
}

/** A webhook that answers what `decide` says: a status, or nothing ever. */
export async function startWebhook(
  t: Lifetime,
  decide: (message: Omit<ReceivedMessage, 'status'>, response: ServerResponse) => number | 'hang' | 'break',
): Promise<WebhookReceiver> {
  const requests: ReceivedMessage[] = []
  const server = await startPlainServer(t, (request, response) => {
    void text(request).then((body) => {
      const message = { headers: request.headers as Record<string, string>, path: request.url ?? '', body }
      const decision = decide(message, response)
      if (decision === 'hang') return
      requests.push({ ...message, status: decision === 'break' ? 0 : decision })
      if (decision === 'break') response.destroy()
      else response.writeHead(decision).end('seen')
    })
  })
  return { url: `${server.url.href}hook`, requests, taken: () => requests.filter(({ status }) => status === 200) }
}
