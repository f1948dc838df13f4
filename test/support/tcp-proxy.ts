import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Lifetime } from './upstream.ts'

/** Passes connections on, to one target after the other, and past those that refuse. */
export class TcpProxy {
  readonly port: number
  readonly #sockets = new Set<Socket>()
  #targets: readonly number[] = []
  #next = 0
  #isCut = false

  private constructor(server: Server, port: number) {
    this.port = port
    server.on('connection', (client) => this.#accept(client))
  }

  /** Ends with the test. */
  static async start(t: Lifetime): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const proxy = new TcpProxy(server, address.port)
    t.after(() => {
      proxy.cut()
      server.close()
    })
    return proxy
  }

  /** From now on connections go to these ports of this machine. */
  lead(...targets: readonly number[]): void {
    this.#targets = targets
    this.#isCut = false
  }

  /** Breaks every connection and refuses new ones, until it leads somewhere again. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(client: Socket): void {
    this.#keep(client)
    if (this.#isCut) client.destroy()
    else this.#join(client, this.#targets.length)
  }

  #join(client: Socket, triesLeft: number): void {
    if (triesLeft === 0) return void client.destroy()
    const port = this.#targets[this.#next++ % this.#targets.length] ?? 0
    const target = connect(port, '127.0.0.1')
    this.#keep(target)
    target.once('error', () => this.#join(client, triesLeft - 1))
    target.once('connect', () => {
      target.removeAllListeners('error').on('error', () => client.destroy())
      client.pipe(target).pipe(client)
      client.once('close', () => target.destroy())
      target.once('close', () => client.destroy())
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }
}
