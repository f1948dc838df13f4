import type { Finding } from '../../cli/doctor.ts'
import type { Config } from '../../config.ts'
import { createConnections } from '../../formats/connections.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { CLOCK_SKEW_MS_MAX } from './storage.ts'

type Look = Omit<Finding, 'name'>

/** How long an upstream may take. Unit: ms. Ours. */
const ANSWER_TIMEOUT_MS = 4000

/** External connections that repositories have. */
export async function namedConnections({ db }: Metadata): Promise<string[]> {
  const rows = await db.selectFrom('repository_connections').select('connection').distinct().execute()
  return rows.map(({ connection }) => connection).toSorted()
}

/** Name, TLS, proxy and status of an upstream, as a request would meet them. One that nobody configured may be missed. */
export async function lookAtUpstream(config: Config, name: string): Promise<Look> {
  const proxy = { http: config.httpProxy, https: config.httpsProxy, none: config.noProxy }
  const tools = { proxy, userAgent: 'packyard', clock: Date.now, random: Math.random }
  const known = createConnections(config.externalConnections, tools).get(name)
  if (!known) return { verdict: 'problem', text: 'repositories have it, and no setting says where it points' }
  const { source } = known
  const startedAt = Date.now()
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    const response = await source.request({ url: source.url, signal })
    response.body.destroy()
    const skewMs = Date.now() - Date.parse(response.header('date') ?? '')
    const clock = Math.abs(skewMs) > CLOCK_SKEW_MS_MAX ? `; its clock is ${Math.round(skewMs / 1000)} s from ours` : ''
    return { verdict: 'ok', text: `answers ${response.status} in ${Date.now() - startedAt} ms${clock}` }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    const isOurs = config.externalConnections.has(name)
    const text = `${reason}; what was fetched before is served`
    return { verdict: isOurs ? 'problem' : 'note', text }
  }
}
