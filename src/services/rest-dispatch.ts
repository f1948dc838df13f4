import type { Caller } from '../access/principal.ts'
import { splitPair } from '../aws/canonical-request.ts'
import { checkedPayload } from '../aws/payload.ts'
import { renderRestJson } from '../aws/rest-json.ts'
import type { Call, Reply } from '../http/call.ts'
import { readBody } from '../http/request-body.ts'
import { invalid } from '../registry/errors.ts'
import { UnknownOperationError } from './failure.ts'
import { parseJson, unreadable } from './json-body.ts'
import { collapseSlashes } from './protocol.ts'
import type { JsonOperation, RestOperation, RestOutput, RestService, StreamOperation } from './service.ts'
import { identifySigner, type SignatureParts, verifyBody } from './signed-caller.ts'

/** Largest JSON body. Unit: bytes. Ours: the service's largest input, a policy document, has 7168. */
const JSON_BODY_BYTES_MAX = 10 * 1024 * 1024

export interface RestDispatcher {
  /** Whether some operation has this path, whatever the method. */
  hasPath(path: string): boolean
  dispatch(call: Call): Promise<Reply>
}

interface Route {
  readonly service: string
  readonly name: string
  readonly operation: RestOperation
}

export function createRestDispatcher(services: readonly RestService[], parts: SignatureParts): RestDispatcher {
  const routes = routesOf(services)
  const paths = new Set([...routes.keys()].map((binding) => binding.slice(binding.indexOf(' ') + 1)))
  return {
    hasPath: (path) => paths.has(operationPath(path)),
    async dispatch(call) {
      const route = routes.get(`${call.method} ${operationPath(call.path)}`)
      if (!route) throw new UnknownOperationError(`${call.method} ${call.path.slice(0, 200)} is no operation here`)
      call.log({ operation: route.name })
      return render(await run(parts, call, route))
    },
  }
}

function routesOf(services: readonly RestService[]): Map<string, Route> {
  return new Map(
    services.flatMap(({ name: service, operations }) =>
      Object.entries(operations).map(([name, operation]) => [operation.http, { service, name, operation }] as const),
    ),
  )
}

/** The endpoint that a client was given may have a path of its own before `/v1/`. */
function operationPath(path: string): string {
  const collapsed = collapseSlashes(path)
  return collapsed.slice(Math.max(0, collapsed.lastIndexOf('/v1/')))
}

function run(parts: SignatureParts, call: Call, { service, name, operation }: Route): Promise<RestOutput> {
  const trace = (caller: Caller, query: ReadonlyMap<string, string>) => {
    if (caller.trace) caller.trace.operation = { service, name, parameters: Object.fromEntries(query) }
  }
  return operation.input === 'stream'
    ? runOnStream(parts, call, { service, operation, trace })
    : runOnJson(parts, call, { service, operation, trace })
}

interface Traced<Operation> {
  readonly service: string
  readonly operation: Operation
  /** Notes who asks for what. */
  trace(caller: Caller, query: ReadonlyMap<string, string>): void
}

async function runOnJson(
  parts: SignatureParts,
  call: Call,
  { service, operation, trace }: Traced<JsonOperation>,
): Promise<RestOutput> {
  const signer = await identifySigner(parts, call, service)
  const bytes = await readBody(call.body, JSON_BODY_BYTES_MAX)
  const caller = verifyBody(signer, bytes)
  const query = parseQuery(call.query)
  trace(caller, query)
  return operation.run({ call, caller, query, body: parseJson(bytes) })
}

async function runOnStream(
  parts: SignatureParts,
  call: Call,
  { service, operation, trace }: Traced<StreamOperation>,
): Promise<RestOutput> {
  // It is an input of the operation too: what a signature needs is asked afterwards.
  const claimedSha256 = call.header('x-amz-content-sha256') ?? ''
  if (!/^[0-9a-f]{64}$/.test(claimedSha256)) {
    throw invalid('x-amz-content-sha256', claimedSha256, 'must be the SHA-256 of the asset, 64 lower-case hex digits')
  }
  const signer = await identifySigner(parts, call, service)
  const caller = signer.verify(claimedSha256)
  const query = parseQuery(call.query)
  trace(caller, query)
  const content = checkedPayload(call.body, claimedSha256)
  return operation.run({ call, caller, query, content, contentSha256: claimedSha256 })
}

function render(output: RestOutput): Reply {
  if ('members' in output) return renderRestJson(output.members)
  return { status: 200, headers: output.headers, body: output.content }
}

/** A plus stays a plus here, as it does in the signature: clients write a space as `%20`. */
function parseQuery(query: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  for (const piece of query.split('&')) {
    if (piece === '') continue
    const [name = '', value = ''] = splitPair(piece).map(decode)
    if (pairs.has(name)) throw invalid('query parameter', name, 'must not stand more than once')
    pairs.set(name, value)
  }
  return pairs
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw unreadable(`'${text.slice(0, 100)}' in the query is not percent-encoded UTF-8`, cause)
  }
}
