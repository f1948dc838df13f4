import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { ResponseCounter } from './response-counter.ts'

/** What the generator is told, as JSON on its input. */
export interface LoadOrder {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  readonly seconds: number
  readonly connections: number
}

/** What it answers, as JSON on its output. */
export interface LoadReport {
  readonly requests: number
  readonly seconds: number
  readonly unexpected: number
  /** Unit: ms. */
  readonly latencyP50Ms: number
  readonly latencyP99Ms: number
}

/** One read at most. Unit: bytes. */
const readBytes = 256 * 1024

if (import.meta.main) {
  const order = JSON.parse(await text(process.stdin)) as LoadOrder
  process.stdout.write(JSON.stringify(await generate(order)))
  // What the other connections were still waiting for does not count.
  process.exit(0)
}

async function generate(order: LoadOrder): Promise<LoadReport> {
  const latencies: number[] = []
  let unexpected = 0
  const note = (status: number, ms: number) => {
    latencies.push(ms)
    if (status !== order.status) unexpected++
  }
  const startedAt = performance.now()
  const endsAt = startedAt + order.seconds * 1000
  const failed = Promise.all(Array.from({ length: order.connections }, () => keepAsking(order, endsAt, note)))
  await failed
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  const seconds = (performance.now() - startedAt) / 1000
  return { requests: sorted.length, seconds, unexpected, latencyP50Ms: at(0.5), latencyP99Ms: at(0.99) }
}

/** One connection: the next request leaves when the answer to the last one has come. Resolves after the last answer. */
async function keepAsking(order: LoadOrder, endsAt: number, note: (status: number, ms: number) => void): Promise<void> {
  const url = new URL(order.url)
  const headers = Object.entries({ host: url.host, ...order.headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${headers.join('')}\r\n`, 'latin1')
  let sentAt = 0
  const ask = () => {
    sentAt = performance.now()
    socket.write(request)
  }
  const counter = new ResponseCounter(({ status }) => {
    const now = performance.now()
    note(status, now - sentAt)
    if (now < endsAt) ask()
    else socket.end()
  })
  const onread = {
    buffer: Buffer.allocUnsafeSlow(readBytes),
    callback: (length: number, bytes: Uint8Array) => {
      counter.push(Buffer.from(bytes.buffer, bytes.byteOffset, length))
      return true
    },
  }
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true, onread })
  socket.on('connect', ask)
  socket.on('end', () => {
    if (!socket.writableEnded) socket.destroy(new Error('the server closed a connection that was in use'))
  })
  await once(socket, 'close')
}
