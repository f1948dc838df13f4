import { parseQueryForm, type QueryParameters } from '../aws/query-form.ts'
import { type QueryNotation, renderQuery } from '../aws/query.ts'
import { peekService } from '../aws/signature.ts'
import type { Call, Reply } from '../http/call.ts'
import { readBody } from '../http/request-body.ts'
import { UnknownOperationError } from './failure.ts'
import { isForm } from './protocol.ts'
import type { QueryOperation, QueryService } from './service.ts'
import { identifySigner, type SignatureParts, verifyBody } from './signed-caller.ts'

/** Largest form. Unit: bytes. Ours: a policy document of IAM has 131,072 characters at most, encoded about ninefold. */
const FORM_BYTES_MAX = 2 * 1024 * 1024

export interface QueryDispatcher {
  dispatch(call: Call): Promise<Reply>
}

/** `Action` is looked at before the signature, as some actions of STS come without one. */
export function createQueryDispatcher(services: readonly QueryService[], parts: SignatureParts): QueryDispatcher {
  return {
    async dispatch(call) {
      const body = await readBody(call.body, FORM_BYTES_MAX)
      const parameters = parseQueryForm(isForm(call) ? formText(call, body) : call.query)
      const { service, action, operation } = findOperation(services, parameters, call)
      call.log({ operation: action })
      const result = await run(parts, call, { service, operation, parameters, body })
      const { xmlNamespace } = service
      return renderQuery({ action, xmlNamespace, notation: notationOf(call), requestId: call.id, result })
    },
  }
}

async function run(
  parts: SignatureParts,
  call: Call,
  request: {
    readonly service: QueryService
    readonly operation: QueryOperation
    readonly parameters: QueryParameters
    readonly body: Buffer
  },
) {
  const { service, operation, parameters, body } = request
  if (operation.signature === 'not needed') return operation.run({ call, parameters })
  const signer = await identifySigner(parts, call, service.name)
  const caller = verifyBody(signer, body)
  const name = textOf(parameters, 'Action')
  if (caller.trace) caller.trace.operation = { service: service.name, name, parameters }
  return operation.run({ call, caller, parameters })
}

/** A presigned POST has its parameters in the query and an empty form. */
function formText(call: Call, body: Buffer): string {
  return body.length === 0 ? call.query : body.toString('utf8')
}

function findOperation(services: readonly QueryService[], parameters: QueryParameters, call: Call) {
  const action = textOf(parameters, 'Action')
  const version = textOf(parameters, 'Version')
  const service = findService(services, version, call)
  const operation = service && Object.hasOwn(service.operations, action) ? service.operations[action] : undefined
  if (service && operation) return { service, action, operation }
  throw new UnknownOperationError(
    action === ''
      ? 'The request must contain the parameter Action'
      : `Could not find operation ${action.slice(0, 100)} for version ${version.slice(0, 20) || 'NO_VERSION_SPECIFIED'}`,
  )
}

function findService(services: readonly QueryService[], version: string, call: Call): QueryService | undefined {
  if (version !== '') return services.find((service) => service.version === version)
  const name = peekService(call)
  return services.find((service) => service.name === name)
}

function textOf(parameters: QueryParameters, name: string): string {
  const value = parameters[name]
  return typeof value === 'string' ? value : ''
}

/** Login tools that ask for JSON do so by this header; SDKs send none, or one that takes anything. */
export function notationOf(call: Call): QueryNotation {
  return /\bapplication\/json\b/i.test(call.header('accept') ?? '') ? 'json' : 'xml'
}
