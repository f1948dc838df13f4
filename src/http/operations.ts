import type { Call, Plane, Reply } from './call.ts'
import { renderPlainError } from './plain-error.ts'
import { createRouteMatcher } from './routes.ts'

export interface OperationsParts {
  /** What must answer for this installation to be of use, by name; each throws when it does not. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  /** All metrics in Prometheus' text format. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
  /** Steady. Unit: ms. */
  readonly clock: () => number
}

/** How long the answer of `/readyz` is believed, so that probing costs little. Unit: ms. Ours. */
const READY_TTL_MS = 1000

/** How long a check may take before it counts as failed. Unit: ms. Ours; probes wait a few seconds as a rule. */
const CHECK_TIMEOUT_MS = 3000

/** `/healthz`, `/readyz` and `/metrics`, for whoever watches over this installation. */
export function createOperationsPlane(parts: OperationsParts): Plane {
  const readiness = createReadiness(parts)
  const match = createRouteMatcher([
    { method: 'GET', path: '/healthz', handle: () => json(200, { status: 'alive' }) },
    { method: 'GET', path: '/readyz', handle: readiness },
    { method: 'GET', path: '/metrics', handle: () => renderMetrics(parts) },
  ])
  return {
    name: 'operations',
    bodyBytesMax: 0,
    matches: ({ path }) => path === '/healthz' || path === '/readyz' || path === '/metrics',
    handle: (call: Call) => match(call.method, call.path).route.handle(),
    renderError: renderPlainError,
  }
}

async function renderMetrics(parts: OperationsParts): Promise<Reply> {
  const { contentType, text } = await parts.metrics()
  return { status: 200, headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' }, body: text }
}

/** One check at a time, however many ask. */
function createReadiness(parts: OperationsParts): () => Promise<Reply> {
  let known: Promise<Reply> | undefined
  let knownUntil = 0
  return () => {
    if (known === undefined || parts.clock() >= knownUntil) {
      knownUntil = Number.POSITIVE_INFINITY
      known = checkAll(parts).finally(() => {
        knownUntil = parts.clock() + READY_TTL_MS
      })
    }
    return known
  }
}

async function checkAll({ checks }: OperationsParts): Promise<Reply> {
  const names = Object.keys(checks)
  const results = await Promise.all(names.map((name) => runCheck(checks[name])))
  const isReady = results.every((result) => result === 'ok')
  const report = Object.fromEntries(names.map((name, i) => [name, results[i]]))
  return json(isReady ? 200 : 503, { status: isReady ? 'ready' : 'unready', checks: report })
}

/** Says no more than that it failed: anybody may ask, and the reason may name hosts and folders. */
async function runCheck(check: (() => Promise<void>) | undefined): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'failed'>((resolve) => {
    timer = setTimeout(() => resolve('failed'), CHECK_TIMEOUT_MS)
  })
  try {
    return await Promise.race([Promise.resolve(check?.()).then(() => 'ok' as const), late])
  } catch {
    return 'failed'
  } finally {
    clearTimeout(timer)
  }
}

function json(status: number, body: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  return { status, headers, body: JSON.stringify(body) }
}
