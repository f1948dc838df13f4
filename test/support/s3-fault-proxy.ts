import { once } from 'node:events'
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** What may go wrong on the way to an object store and back. */
export type S3Fault =
  | 'none'
  /** Busy: 503, as the service says it. */
  | 'busy'
  /** Has never heard of the object, as a store that is eventually consistent. */
  | 'missing'
  /** Takes the request and never answers. */
  | 'hang'
  /** The connection ends before an answer. */
  | 'cut'
  /** Half of the answer's body, then the connection ends. */
  | 'truncate'
  /** Half of the answer's body, then nothing. */
  | 'stall'

export interface S3FaultProxy {
  /** `blobUrl` by way of the proxy. */
  readonly blobUrl: string
  /** Asked for each request. */
  choose: (request: IncomingMessage) => S3Fault
  requests: number
}

/** Stands before a real store. Signatures stay right, as it passes on the host that the client asked for. */
export async function startS3FaultProxy(t: TestContext, blobUrl: string): Promise<S3FaultProxy> {
  const url = new URL(blobUrl)
  const store = new URL(url.searchParams.get('endpoint') ?? '')
  const server = createServer((request, response) => {
    proxy.requests += 1
    const fault = proxy.choose(request)
    if (fault === 'hang') request.resume()
    else if (fault === 'cut') request.destroy()
    else if (fault === 'busy') refuse(request, response, 503, 'SlowDown')
    else if (fault === 'missing') refuse(request, response, 404, 'NoSuchKey')
    else pass(request, response, store, fault)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close().closeAllConnections())
  url.searchParams.set('endpoint', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const proxy: S3FaultProxy = { blobUrl: url.href, choose: () => 'none', requests: 0 }
  return proxy
}

function refuse(request: IncomingMessage, response: ServerResponse, status: 404 | 503, code: string): void {
  request.resume()
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>By the proxy.</Message></Error>`
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function pass(request: IncomingMessage, response: ServerResponse, store: URL, fault: S3Fault): void {
  const { method, url: path, rawHeaders } = request
  const onward = ask(
    { host: store.hostname, port: store.port, method, path, headers: rawHeaders, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      if (fault === 'none') answer.pipe(response)
      else void passHalf(answer, response, fault)
    },
  )
  // Swift sends a body after the answer to HEAD, which nobody may read.
  onward.on('error', () => {
    if (method !== 'HEAD' || !response.headersSent) response.destroy()
  })
  response.on('close', () => onward.destroy())
  request.on('error', () => onward.destroy()).pipe(onward)
}

async function passHalf(answer: IncomingMessage, response: ServerResponse, fault: S3Fault): Promise<void> {
  const half = Math.floor(Number(answer.headers['content-length'] ?? 0) / 2)
  let sent = 0
  for await (const chunk of answer) {
    const part = (chunk as Buffer).subarray(0, half - sent)
    sent += part.length
    await new Promise((resolve) => response.write(part, resolve))
    if (sent === half) break
  }
  if (fault === 'truncate') response.destroy()
}
