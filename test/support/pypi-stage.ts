import type { TestContext } from 'node:test'
import { firstDomain, type Packyard, startPackyard } from './packyard.ts'
import { PypiWire } from './pypi-wire.ts'
import { startUpstream } from './upstream.ts'

/** The repository that `startPypi` speaks to, as the operations name it. */
export const pypiPlace = { domain: firstDomain, repository: 'main', format: 'pypi' } as const

/** A server with a public index behind it that has nothing. */
export async function startPypi(t: TestContext): Promise<{ readonly yard: Packyard; readonly wire: PypiWire }> {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { connections: { 'public:pypi': upstream.url }, processes: 1 })
  return { yard, wire: new PypiWire(await yard.endpoint('main', 'pypi'), await yard.token()) }
}
