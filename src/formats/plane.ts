import type { Call, Plane, Reply } from '../http/call.ts'
import { createRouteMatcher, type RouteMatch, type RouteMatcher } from '../http/routes.ts'
import { RegistryError } from '../registry/errors.ts'
import { formatIds } from '../registry/names.ts'
import type { RepositorySession } from '../registry/session.ts'
import {
  baseLength,
  createEndpointReader,
  type EndpointAddress,
  type EndpointForm,
  type EndpointReader,
  type FoundEndpoint,
} from './endpoints.ts'
import { createFailureRenderer, type Explain } from './failures.ts'
import type { Format, Route } from './format.ts'
import { EndpointCall } from './package-call.ts'

type Caller = RepositorySession['caller']

/** What of a call may say who is calling. */
type IntroducedCall = Pick<Call, 'id' | 'remoteAddress' | 'header' | 'origin'>

export interface PackagePlaneParts {
  /** Every format that is served. */
  readonly formats: readonly Format[]
  readonly form: EndpointForm
  /** Throws what `explain` makes an `HttpError` 401 of. */
  authenticate(
    call: IntroducedCall,
    domain: { readonly domain: string; readonly owner: string },
  ): Caller | Promise<Caller>
  /** Throws `missing` where there is no such repository. */
  openSession(caller: Caller, address: EndpointAddress, format: Format): RepositorySession | Promise<RepositorySession>
  /** Says what an error of another layer means to a client. */
  readonly explain: Explain
}

interface ServedFormat {
  readonly format: Format
  readonly match: RouteMatcher<Route>
}

/** Where a path leads. */
interface Way {
  readonly served: ServedFormat
  readonly endpoint: FoundEndpoint
  readonly fields: Readonly<Record<string, string>>
  readonly found: RouteMatch<Route>
}

/** Paths that were read remembered, so that a warm request takes none apart; one needs about 1 KB. Ours. */
const WAYS_MAX = 5_000

/** Longer ones are not worth it. Unit: characters. Ours. */
const WAY_LENGTH_MAX = 250

/** The endpoints that package managers speak to: finds domain, repository, caller and route, then lets the format answer. */
export function createPackagePlane(parts: PackagePlaneParts): Plane {
  const served = new Map<string, ServedFormat>()
  for (const format of parts.formats) served.set(format.id, { format, match: createRouteMatcher(format.routes) })
  const readEndpoint = createEndpointReader(parts.form)
  const formatOf = ({ path }: Call) => served.get(firstSegment(path, parts.form))
  const renderFailure = createFailureRenderer(parts.explain)
  const ways = new Map<string, Way>()
  const remember = (call: Call, way: Way) => {
    // In the host style the path alone says too little.
    if (call.method !== 'GET' || way.endpoint.style !== 'path' || call.path.length > WAY_LENGTH_MAX) return
    if (ways.size >= WAYS_MAX) ways.clear()
    ways.set(call.path, way)
  }
  return {
    name: 'packages',
    matches: ({ path }) => ways.has(path) || formatNames.has(firstSegment(path, parts.form)),
    handle(call) {
      const way = call.method === 'GET' ? ways.get(call.path) : undefined
      if (way) return answer(parts, call, way, () => way.found)
      const format = formatOf(call)
      if (format === undefined) throw notServed(firstSegment(call.path, parts.form), parts.formats)
      const begun = begin(format, readEndpoint(call.path, call.header('host')))
      return answer(parts, call, begun, () => {
        const rest = call.path.slice(begun.endpoint.restAt) || '/'
        const found = format.match(call.method, rest)
        remember(call, { ...begun, found })
        return found
      })
    },
    renderError: (error, call) =>
      renderFailure(error, call, { format: formatOf(call)?.format, realm: realmOf(readEndpoint, call) }),
  }
}

const formatNames: ReadonlySet<string> = new Set(formatIds)

type Begun = Omit<Way, 'found'>

function begin(served: ServedFormat, endpoint: FoundEndpoint): Begun {
  const { domain, repository } = endpoint.address
  return {
    served,
    endpoint,
    fields: { 'domain.name': domain, 'repository.name': repository, 'package.format': served.format.id },
  }
}

/** Waits for nothing that is known already: on a warm request all of this is one step. Routes are for who may enter. */
function answer(
  parts: PackagePlaneParts,
  call: Call,
  { served, endpoint, fields }: Begun,
  route: () => RouteMatch<Route>,
): Promise<Reply> | Reply {
  const { address } = endpoint
  call.log(fields)
  const enter = (caller: Caller) => {
    call.by = caller
    const session = parts.openSession(caller, address, served.format)
    return session instanceof Promise ? session.then(handle) : handle(session)
  }
  const handle = (session: RepositorySession) => {
    const { route: found, params } = route()
    return found.handle(
      new EndpointCall(call, params, endpointUrl(call, endpoint), served.format.redirectable),
      session,
    )
  }
  const caller = parts.authenticate(introduce(call, served.format), address)
  return caller instanceof Promise ? caller.then(enter) : enter(caller)
}

/** A token in a header of the format's own counts where there is no `Authorization`. */
function introduce(call: Call, { tokenHeader }: Format): IntroducedCall {
  const token = tokenHeader === undefined ? undefined : call.header(tokenHeader)
  if (token === undefined || call.header('authorization') !== undefined) return call
  const { id, remoteAddress, origin } = call
  const header = (name: string) => (name === 'authorization' ? `Bearer ${token}` : call.header(name))
  return { id, remoteAddress, origin, header }
}

/** In the host style the domain stands in the host that the client used, which the reader has checked. */
function endpointUrl(call: Call, { style, path }: FoundEndpoint): string {
  if (style === 'path') return call.origin + path
  const scheme = call.origin.startsWith('https:') ? 'https' : 'http'
  return `${scheme}://${call.header('host')}${path}`
}

function firstSegment(path: string, form: EndpointForm): string {
  const startAt = baseLength(path, form)
  const end = path.indexOf('/', startAt + 1)
  return end < 0 ? path.slice(startAt + 1) : path.slice(startAt + 1, end)
}

function notServed(format: string, formats: readonly Format[]): RegistryError {
  const served = formats.map(({ id }) => id).join(', ')
  return new RegistryError('missing', `format '${format}' is not served by this version of Packyard; served: ${served}`)
}

function realmOf(readEndpoint: EndpointReader, call: Call): string {
  try {
    const { domain, repository } = readEndpoint(call.path, call.header('host')).address
    return `${domain}/${repository}`
  } catch {
    return 'packyard'
  }
}
