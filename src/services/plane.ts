import { renderJson11Error } from '../aws/json11.ts'
import { renderQueryError } from '../aws/query.ts'
import { renderRestJsonError } from '../aws/rest-json.ts'
import { peekService } from '../aws/signature.ts'
import { createSigningKeys } from '../aws/sigv4.ts'
import type { RateLimit } from '../access/rate-limit.ts'
import type { Call, Plane, Reply } from '../http/call.ts'
import { toWireError } from './failure.ts'
import { createJsonDispatcher } from './json-dispatch.ts'
import { looksLikeAws, protocolOf } from './protocol.ts'
import { createQueryDispatcher, notationOf } from './query-dispatch.ts'
import { createRestDispatcher } from './rest-dispatch.ts'
import type { QueryService, RestService, Service } from './service.ts'
import type { SignatureParts } from './signed-caller.ts'

export interface AwsPlaneParts
  extends Omit<SignatureParts, 'signingKeys' | 'publicHosts' | 'rateLimit' | 'noteKeyUse'> {
  readonly services: readonly Service[]
  /** See `SignatureParts`; none unless given. */
  readonly publicHosts?: readonly string[]
  /** None unless given. */
  readonly rateLimit?: RateLimit
  /** Nobody is told unless given. */
  readonly noteKeyUse?: SignatureParts['noteKeyUse']
}

/**
 * The AWS APIs, all on one address: told apart by protocol and by the credential's scope, authenticated, dispatched, and
 * answered in the protocol's own shape, failures too.
 */
export function createAwsPlane({ services, ...given }: AwsPlaneParts): Plane {
  const signature = completeSignature(given)
  const queryServices = services.filter((service) => service.protocol === 'query')
  const rest = createRestDispatcher(services.filter(isRest), signature)
  const query = createQueryDispatcher(queryServices, signature)
  const json = createJsonDispatcher(
    services.filter((service) => service.protocol === 'json-1.1'),
    signature,
  )
  return {
    name: 'aws',
    matches: (call) => looksLikeAws(call) || rest.hasPath(call.path),
    handle(call) {
      switch (protocolOf(call)) {
        case 'rest-json':
          return rest.dispatch(call)
        case 'query':
          return query.dispatch(call)
        case 'json-1.1':
          return json.dispatch(call)
      }
    },
    renderError: (error, call) => renderFailure(queryServices, error, call),
  }
}

/** With what was not given: nobody is limited, and nobody told. */
export function completeSignature(given: Omit<AwsPlaneParts, 'services'>): SignatureParts {
  return { publicHosts: [], rateLimit() {}, noteKeyUse() {}, ...given, signingKeys: createSigningKeys() }
}

function isRest(service: Service): service is RestService {
  return service.protocol === 'rest-json'
}

function renderFailure(services: readonly QueryService[], error: unknown, call: Call): Reply {
  const protocol = protocolOf(call)
  const failure = toWireError(error, protocol, call.id)
  switch (protocol) {
    case 'rest-json':
      return renderRestJsonError(failure)
    case 'query':
      return renderQueryError(failure, notationOf(call), namespaceFor(services, call))
    case 'json-1.1':
      return renderJson11Error(failure)
  }
}

function namespaceFor(services: readonly QueryService[], call: Call): string | undefined {
  const name = peekService(call)
  return services.find((service) => service.name === name)?.xmlNamespace
}
