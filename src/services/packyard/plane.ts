import { HttpError, type Call, type Plane, type Reply } from '../../http/call.ts'
import { readBody } from '../../http/request-body.ts'
import { createRouteMatcher } from '../../http/routes.ts'
import { toWireError } from '../failure.ts'
import { identifySigner, type SignatureParts, verifyBody } from '../signed-caller.ts'
import { readInput } from './input.ts'
import { renderOpenApi } from './openapi.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations.ts'
import type { PackyardParts } from './parts.ts'
import { type SessionRoute, sessionRoutes, type SignInRouteParts } from './session-routes.ts'

/** The service in the credential scope of a signature. */
const SERVICE = 'packyard'
/** Largest JSON body. Unit: bytes. Ours. */
const BODY_BYTES_MAX = 1024 * 1024

interface Route {
  readonly method: string
  readonly path: `/${string}`
  readonly name: string
  readonly operation: Operation
}

/**
 * What Packyard can do and AWS has no operation for, below `/packyard/v1`: signed as the AWS APIs are, decided by the
 * same policies, answered in JSON.
 */
export function createPackyardPlane(parts: PackyardParts, signature: SignatureParts, signIn: SignInRouteParts): Plane {
  const routes = Object.entries(operations).map(([name, operation]) => routeOf(name, operation))
  const match = createRouteMatcher<Route | SessionRoute>([...routes, documentRoute, ...sessionRoutes(signIn)])
  return {
    name: 'packyard',
    bodyBytesMax: BODY_BYTES_MAX,
    matches: () => true,
    async handle(call) {
      const { route, params } = match(call.method, call.path)
      return 'handle' in route ? route.handle(call, params) : answer(parts, signature, call, route, params)
    },
    renderError: (error, call) => renderFailure(error, call),
  }
}

function routeOf(name: string, operation: Operation): Route {
  const [method = '', path = ''] = operation.http.split(' ')
  return { method, path: path.replace(/\{(\w+)\}/g, ':$1') as `/${string}`, name, operation }
}

/** Anybody may read it: it says what every build of this version can do, and nothing of this installation. */
const documentRoute: SessionRoute = {
  method: 'GET',
  path: '/packyard/v1/openapi.json',
  handle: async ({ origin }) => {
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' }
    return { status: 200, headers, body: renderOpenApi(operations, origin) }
  },
}

async function answer(
  parts: PackyardParts,
  signature: SignatureParts,
  call: Call,
  { name, operation }: Route,
  params: Readonly<Record<string, string>>,
): Promise<Reply> {
  call.log({ operation: name })
  const signer = await identifySigner(signature, call, SERVICE)
  const body = await readBody(call.body, BODY_BYTES_MAX)
  const caller = verifyBody(signer, body)
  const given = readInput(operation.input, { call, params, body })
  if (caller.trace) caller.trace.operation = { service: SERVICE, name, parameters: given }
  return operation.run({ parts, name, call, caller, given })
}

/** Every failure in one shape; the codes are those of the AWS operations. */
function renderFailure(error: unknown, call: Call): Reply {
  const { code, status, message, members, headers } = toWireError(error, 'rest-json', call.id)
  return {
    // Here a method that is not served is one, though it is an unknown operation to AWS's clients.
    status: error instanceof HttpError ? error.status : status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify({ code, message, requestId: call.id, ...members }),
  }
}
