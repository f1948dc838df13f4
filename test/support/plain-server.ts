import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Lifetime } from './upstream.ts'

/** A server that does whatever one test needs. */
export interface PlainServer {
  /** With a final slash. */
  readonly url: URL
  readonly requests: readonly IncomingMessage[]
}

/** Listens on a port of its own at 127.0.0.1; ends with the test, and every connection with it. */
export async function startPlainServer(t: Lifetime, answer: RequestListener): Promise<PlainServer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), requests }
}
