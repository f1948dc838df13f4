import { parseTarget, renderJson11 } from '../aws/json11.ts'
import type { Call, Reply } from '../http/call.ts'
import { readBody } from '../http/request-body.ts'
import { RegistryError } from '../registry/errors.ts'
import { CodedError } from './coded-error.ts'
import { UnknownOperationError } from './failure.ts'
import { parseJson } from './json-body.ts'
import type { Json11Service } from './service.ts'
import { identifySigner, type SignatureParts, verifyBody } from './signed-caller.ts'

/** Largest body. Unit: bytes. Ours: the largest input, a key policy, has 32 KB. */
const BODY_BYTES_MAX = 1024 * 1024

export interface JsonDispatcher {
  dispatch(call: Call): Promise<Reply>
}

/** Services that are told apart, with their operations, by `X-Amz-Target`. */
export function createJsonDispatcher(services: readonly Json11Service[], parts: SignatureParts): JsonDispatcher {
  return {
    async dispatch(call) {
      const { service, action, operation } = findOperation(services, call)
      call.log({ operation: action })
      const signer = await identifySigner(parts, call, service.name)
      const bytes = await readBody(call.body, BODY_BYTES_MAX)
      const caller = verifyBody(signer, bytes)
      const body = parseJson(bytes)
      if (caller.trace) caller.trace.operation = { service: service.name, name: action, parameters: body }
      const members = await inWordsOf(service, () => operation.run({ call, caller, body }))
      return renderJson11(members)
    },
  }
}

function findOperation(services: readonly Json11Service[], call: Call) {
  const [prefix = '', action = ''] = parseTarget(call.header('x-amz-target') ?? '').split('.')
  const service = services.find(({ targetPrefix }) => targetPrefix === prefix)
  const operation = service && Object.hasOwn(service.operations, action) ? service.operations[action] : undefined
  if (service && operation) return { service, action, operation }
  throw new UnknownOperationError(`The operation '${`${prefix}.${action}`.slice(0, 100)}' is not served here`)
}

/** What the registry refuses, with the service's own codes. */
async function inWordsOf({ errorCodes }: Json11Service, run: () => Promise<object>): Promise<object> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause
    const code = errorCodes[cause.kind]
    throw code === undefined ? cause : new CodedError(code, cause.message, { cause })
  }
}
