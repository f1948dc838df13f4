import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/**
 * Whether several processes may listen on one port by themselves. `node:cluster` would share it too, but its primary
 * accepts for its workers, and a connection that it accepts while they close is never answered nor refused.
 * Source: Node.js documentation, `server.listen`, `reusePort`.
 */
export const canSharePorts = process.platform === 'linux'

/**
 * Finds a port for several processes: the one that is wanted, or any free one for 0. Rejects when another program has
 * it, which processes that share ports would not notice.
 */
export async function reservePort(host: string, port: number): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port, exclusive: true }, () => resolve())
  })
  const { port: found } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return found
}
