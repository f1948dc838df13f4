import { signRequest, type UnsignedRequest } from '../aws/sign-request.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { GivenFlags } from '../cli/program.ts'
import { RegistryError } from '../registry/errors.ts'
import { parseAccountId, parseDomainName } from '../registry/names.ts'
import {
  type ApiRequest,
  createPackyardClient,
  type PackyardClient,
  PackyardError,
} from '../services/packyard/client.ts'
import { findAccess, type LoginCommandParts } from './login-access.ts'

/** Longest wait for an answer of the server. Unit: ms. Ours. */
const ANSWER_MS = 30_000

/** Asks the API of the server that the settings or the environment name, with AWS credentials as they are found there. */
export type AskApi = <T>(flags: GivenFlags, work: (api: PackyardClient) => Promise<T>) => Promise<T>

/** What the server refuses is told in its own words, as a `CommandError`. */
export function createAsk(parts: LoginCommandParts): AskApi {
  return async (flags, work) => {
    const api = await openApiClient(parts, flags)
    try {
      return await work(api)
    } catch (error) {
      if (error instanceof PackyardError) throw new CommandError(error.message, 1, error)
      throw error
    }
  }
}

/** The domain that a command line names, as the API wants it. Throws `CommandError`. */
export function domainInput({ domain, domainOwner }: GivenDomain) {
  return orUsage(() => ({
    domain: parseDomainName(domain, '--domain'),
    ...(domainOwner !== undefined && { domainOwner: parseAccountId(domainOwner, '--domain-owner') }),
  }))
}

interface GivenDomain {
  readonly domain: string
  readonly domainOwner?: string | undefined
}

/** Throws `CommandError` for what is wrong on the command line. */
export function orUsage<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RegistryError) throw new CommandError(error.message, exitCodes.usage, error)
    throw error
  }
}

async function openApiClient(parts: LoginCommandParts, flags: GivenFlags): Promise<PackyardClient> {
  const { url, region, credentials } = await findAccess(parts, flags)
  return createPackyardClient(async ({ method, target, body = '' }: ApiRequest) => {
    const address = new URL(`${url}${target}`)
    const request = { method: method as UnsignedRequest['method'], url: address, body, region, service: 'packyard' }
    const signed = signRequest({ ...request, now: Date.now() }, credentials)
    const headers = body === '' ? signed : { ...signed, 'content-type': 'application/json' }
    try {
      const sent = { method, headers, ...(body !== '' && { body }), signal: AbortSignal.timeout(ANSWER_MS) }
      const response = await fetch(address, sent)
      return { status: response.status, body: await response.text() }
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
      throw new CommandError(`${address.origin} cannot be reached: ${reason}`, 1, cause)
    }
  })
}
