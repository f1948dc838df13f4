import type { KnownConnection } from './parts.ts'
import { isUpstreamFailure, type UpstreamSource } from './upstream.ts'

/** How an external connection has fared since this process began. Times are ms since 1970. */
export interface UpstreamState {
  readonly name: string
  readonly url: string
  readonly state: 'unused' | 'healthy' | 'failing'
  readonly lastAnswerAt: number | undefined
  readonly lastFailureAt: number | undefined
  /** Of the last failure, while it is failing. */
  readonly problem: string | undefined
  readonly requests: number
  readonly failures: number
}

type Connections = ReadonlyMap<string, KnownConnection>

export interface WatchedConnections {
  readonly connections: Connections
  /** In order of their names. */
  states(): readonly UpstreamState[]
}

/** The same connections, with what comes of their requests noted. `clock`: ms since 1970. */
export function watchConnections(connections: Connections, clock: () => number): WatchedConnections {
  const watched = [...connections].map(([name, connection]) => [name, watch(connection, clock)] as const)
  return {
    connections: new Map(watched.map(([name, { connection }]) => [name, connection])),
    states: () => watched.map(([, { state }]) => state()).toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  }
}

function watch({ format, source }: KnownConnection, clock: () => number) {
  const { name, url } = source
  let lastAnswerAt: number | undefined
  let lastFailure: { readonly at: number; readonly message: string } | undefined
  let isFailing = false
  let requests = 0
  let failures = 0
  const request: UpstreamSource['request'] = async (asked) => {
    requests++
    try {
      const response = await source.request(asked)
      lastAnswerAt = clock()
      isFailing = false
      return response
    } catch (error) {
      if (isUpstreamFailure(error) && error instanceof Error) {
        failures++
        isFailing = true
        lastFailure = { at: clock(), message: error.message }
      }
      throw error
    }
  }
  const tried = () => (isFailing ? 'failing' : 'healthy')
  const state = (): UpstreamState => ({
    name,
    url: showAddress(url),
    state: lastAnswerAt === undefined && !isFailing ? 'unused' : tried(),
    lastAnswerAt,
    lastFailureAt: lastFailure?.at,
    problem: isFailing ? lastFailure?.message : undefined,
    requests,
    failures,
  })
  return { connection: { format, source: { ...source, request } }, state }
}

/** Without what may be a secret. */
function showAddress({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}
