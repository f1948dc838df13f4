import { ApiError, readApiError } from './api-error.ts'

/** Sent with every call: another site cannot make a browser send it, so that it shows that the console itself asks. */
export const CONSOLE_HEADERS = { 'X-Packyard-Console': '1' } as const

/** Who calls, and where. */
export interface Caller {
  readonly principal: {
    readonly kind: 'root' | 'user' | 'role-session' | 'federated-user'
    readonly accountId: string
    readonly arn: string
    readonly name: string
  }
  readonly region: string
  readonly partition: string
}

/** Another way to sign in than with an access key. */
export interface SignInProvider {
  readonly name: string
  readonly label: string
}

/** Who is signed in in this browser; undefined when nobody is. Throws `ApiError`. */
export async function readSession(): Promise<Caller | undefined> {
  const answer = await request('GET', 'session')
  if (answer.status !== 401) return readCaller(answer)
  // An answer that nobody reads keeps its connection.
  await answer.body?.cancel()
  return undefined
}

/** Signs in with an access key. Throws `ApiError`. */
export async function signIn(accessKeyId: string, secretAccessKey: string): Promise<Caller> {
  return readCaller(await request('POST', 'session', { accessKeyId, secretAccessKey }))
}

/** Ends the session at the server too. Throws `ApiError`. */
export async function signOut(): Promise<void> {
  const answer = await request('DELETE', 'session')
  if (!answer.ok && answer.status !== 401) throw await readApiError(answer)
  await answer.body?.cancel()
}

/** Throws `ApiError`. */
export async function listSignInProviders(): Promise<readonly SignInProvider[]> {
  const answer = await request('GET', 'session/providers')
  const { providers } = await readAnswer<{ readonly providers: SignInProvider[] }>(answer)
  return providers
}

/** Where a browser goes to sign in with a provider, and whither it comes back. */
export function providerAddress({ name }: SignInProvider, returnTo: string): string {
  return `/packyard/v1/session/oidc/${encodeURIComponent(name)}?returnTo=${encodeURIComponent(returnTo)}`
}

async function readCaller(session: Response): Promise<Caller> {
  await readAnswer(session)
  return readAnswer(await request('GET', 'caller'))
}

async function request(method: string, path: string, body?: object): Promise<Response> {
  try {
    return await fetch(`/packyard/v1/${path}`, {
      method,
      credentials: 'same-origin',
      headers: { ...CONSOLE_HEADERS, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
  } catch (cause) {
    throw new ApiError('NetworkError', 'The server could not be reached.', 0, undefined, cause)
  }
}

async function readAnswer<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw await readApiError(answer)
  return (await answer.json()) as T
}
