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

/** A token and the address that it is for. Throws `CommandError` in the server's words. */
export async function logIn(access: Access, format: string, repository: GivenRepository, now: number): Promise<Login> {
  const endpoint = await findEndpoint(access, format, repository, now)
  return { endpoint, ...(await createToken(access, repository, now)) }
}

/** Throws `CommandError`. */
export async function findEndpoint(
  access: Access,
  format: string,
  { domain, domainOwner, repository }: Omit<GivenRepository, 'durationSeconds'>,
  now: number,
): Promise<URL> {
  const query = new URLSearchParams({ domain, repository, format })
  if (domainOwner !== undefined) query.set('domain-owner', domainOwner)
  const asked = { method: 'GET', path: '/v1/repository/endpoint', query, now } as const
  const { repositoryEndpoint } = await askServer(access, asked)
  return new URL(String(repositoryEndpoint))
}

/** Throws `CommandError`. */
export async function createToken(
  access: Access,
  { domain, domainOwner, durationSeconds }: Omit<GivenRepository, 'repository'>,
  now: number,
): Promise<Pick<Login, 'token' | 'expiresAt'>> {
  const query = new URLSearchParams({ domain })
  if (domainOwner !== undefined) query.set('domain-owner', domainOwner)
  if (durationSeconds !== undefined) query.set('duration', durationSeconds)
  const asked = { method: 'POST', path: '/v1/authorization-token', query, now } as const
  const { authorizationToken, expiration } = await askServer(access, asked)
  return { token: String(authorizationToken), expiresAt: Number(expiration) * 1000 }
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
  fallback: { readonly url: string; readonly files: readonly string[]; readonly profile: string },
  now: number,
): Promise<SigningCredentials> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] }
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: roleArn } = env
  if (tokenFile && roleArn) return assumeRole(fallback.url, roleArn, (await readFile(tokenFile, 'utf8')).trim(), now)
  const given = env['AWS_SHARED_CREDENTIALS_FILE']
  const files = given === undefined ? fallback.files : [given]
  const profile = env['AWS_PROFILE'] ?? fallback.profile
  for (const file of files) {
    const found = readProfile(await readFile(file, 'utf8').catch(() => ''), profile)
    if (found) return found
  }
  const places = files.join(' or ')
  throw new CommandError(
    `there are no AWS credentials: not in the environment, and no profile '${profile}' in ${places}`,
  )
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
