import { readFile } from 'node:fs/promises'
import { signRequest, type SigningCredentials } from '../../aws/sign-request.ts'
import { CommandError } from '../exit-codes.ts'
import type { GivenRepository } from '../login-program.ts'

/** Where the server is, and as whom to ask it. */
export interface Access {
  /** Without a final slash. */
  readonly url: string
  readonly region: string
  readonly credentials: SigningCredentials
}

export interface Login {
  /** Ends in a slash. */
  readonly endpoint: URL
  readonly token: string
  /** ms since 1970. */
  readonly expiresAt: number
}

/** Longest wait for an answer of the server. Unit: ms. Ours. */
const ANSWER_MS = 30_000

type Ask = (method: 'GET' | 'POST', path: string, query: URLSearchParams) => Promise<Record<string, unknown>>

/** A token and the address that it is for. Throws `CommandError` in the server's words. */
export async function logIn(access: Access, format: string, repository: GivenRepository, now: number): Promise<Login> {
  const ask: Ask = (method, path, query) => askServer(access, { method, path, query, now })
  const place = new URLSearchParams({ domain: repository.domain })
  if (repository.domainOwner !== undefined) place.set('domain-owner', repository.domainOwner)
  const where = new URLSearchParams(place)
  where.set('repository', repository.repository)
  where.set('format', format)
  const { repositoryEndpoint } = await ask('GET', '/v1/repository/endpoint', where)
  if (repository.durationSeconds !== undefined) place.set('duration', repository.durationSeconds)
  const { authorizationToken, expiration } = await ask('POST', '/v1/authorization-token', place)
  return {
    endpoint: new URL(String(repositoryEndpoint)),
    token: String(authorizationToken),
    expiresAt: Number(expiration) * 1000,
  }
}

async function askServer(
  { url, region, credentials }: Access,
  asked: {
    readonly method: 'GET' | 'POST'
    readonly path: string
    readonly query: URLSearchParams
    readonly now: number
  },
): Promise<Record<string, unknown>> {
  const { method, path, query, now } = asked
  const address = new URL(`${url}${path}?${query.toString().replaceAll('+', '%20')}`)
  const request = { method, url: address, body: '', region, service: 'codeartifact', now }
  const response = await send(address, { method, headers: signRequest(request, credentials) })
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  if (response.ok) return answer
  throw new CommandError(`the server answers ${response.status}: ${messageOf(answer)}`)
}

function messageOf({ message }: Record<string, unknown>): string {
  return typeof message === 'string' ? message : 'no reason given'
}

async function send(address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...request, signal: AbortSignal.timeout(ANSWER_MS) })
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
    throw new CommandError(`${address.origin} cannot be reached: ${reason}`, 1, cause)
  }
}

/** What the AWS SDKs would find: the environment, a CI job's token, a profile of a credentials file. */
export async function findCredentials(
  env: Readonly<Record<string, string | undefined>>,
  fallback: { readonly url: string; readonly file: string; readonly profile: string },
  now: number,
): Promise<SigningCredentials> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] }
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = env
  if (tokenFile && roleArn) return assumeRole(fallback.url, roleArn, (await readFile(tokenFile, 'utf8')).trim(), now)
  const file = env['AWS_SHARED_CREDENTIALS_FILE'] ?? fallback.file
  const profile = env['AWS_PROFILE'] ?? fallback.profile
  const found = readProfile(await readFile(file, 'utf8').catch(() => ''), profile)
  if (found) return found
  throw new CommandError(`there are no AWS credentials: not in the environment, and no profile '${profile}' in ${file}`)
}

/** Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files". */
function readProfile(text: string, profile: string): SigningCredentials | undefined {
  const section = text.split(/^\[/m).find((one) => one.startsWith(`${profile}]`))
  const valueOf = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)`, 'm').exec(section ?? '')?.[1]
  const [accessKeyId, secretAccessKey] = [valueOf('aws_access_key_id'), valueOf('aws_secret_access_key')]
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return { accessKeyId, secretAccessKey, sessionToken: valueOf('aws_session_token') }
}

async function assumeRole(url: string, roleArn: string, token: string, now: number): Promise<SigningCredentials> {
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: `packyard-${now}`,
    WebIdentityToken: token,
  })
  const response = await send(new URL(`${url}/`), { method: 'POST', body })
  const text = await response.text()
  const valueOf = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ''
  if (!response.ok) throw new CommandError(`the server answers ${response.status}: ${valueOf('Message')}`)
  return {
    accessKeyId: valueOf('AccessKeyId'),
    secretAccessKey: valueOf('SecretAccessKey'),
    sessionToken: valueOf('SessionToken'),
  }
}
