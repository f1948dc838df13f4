import type { Access } from '../cli/login/aws-client.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { GivenFlags } from '../cli/program.ts'
import { RegistryError } from '../registry/errors.ts'
import { signRequest, type UnsignedRequest } from '../aws/sign-request.ts'
import {
  type ApiRequest,
  createPackyardClient,
  type PackyardClient,
  PackyardError,
} from '../services/packyard/client.ts'
import { findAccess, type LoginCommandParts } from './login-access.ts'

/** Longest wait for an answer of the server. Unit: ms. Ours. */
const ANSWER_MS = 60_000

export type ApiCommandParts = LoginCommandParts

/** Asks the running server, as whoever the AWS variables say. Throws `CommandError` in the server's words. */
export async function withApi<T>(
  parts: ApiCommandParts,
  flags: GivenFlags,
  work: (api: PackyardClient) => Promise<T>,
): Promise<T> {
  const access = await findAccess(parts, flags)
  try {
    return await work(createPackyardClient((request) => send(access, request)))
  } catch (error) {
    if (error instanceof RegistryError) throw new CommandError(error.message, exitCodes.usage, error)
    if (error instanceof PackyardError) throw new CommandError(error.message, exitCodes.failure, error)
    throw error
  }
}

async function send({ url, region, credentials }: Access, { method, target, body = '' }: ApiRequest) {
  const address = new URL(`${url}${target}`)
  const request: UnsignedRequest = {
    method: method as UnsignedRequest['method'],
    url: address,
    body,
    region,
    service: 'packyard',
    now: Date.now(),
  }
  const signed = signRequest(request, credentials)
  const headers = body === '' ? signed : { ...signed, 'content-type': 'application/json' }
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const response = await fetch(address, { method, headers, signal, ...(body !== '' && { body }) })
    return { status: response.status, body: await response.text() }
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
    throw new CommandError(`${address.origin} cannot be reached: ${reason}`, exitCodes.failure, cause)
  }
}
