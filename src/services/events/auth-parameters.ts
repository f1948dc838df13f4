import type { Static } from 'typebox'
import type { ConnectionKind, ConnectionSecrets } from '../../journal/bus/connections.ts'
import { isSigningSecret } from '../../jobs/events/webhook-signature.ts'
import { invalid, refused } from '../../registry/errors.ts'
import type * as field from './fields.ts'

export type AuthParameters = Static<typeof field.authParameters>

/** An API key of this name is no header but the secret that signs. */
const SIGNATURE_KEY = 'webhook-signature'

/** What a connection is made of: what is sent, what may be shown, and the signing secret where one was given. */
export interface ReadAuthParameters {
  readonly secrets: Omit<ConnectionSecrets, 'signing'>
  readonly shown: object
  readonly signingSecret: string | undefined
}

/** Throws `invalid`. */
export function readAuthParameters(kind: ConnectionKind, given: AuthParameters): ReadAuthParameters {
  const { InvocationHttpParameters: more = {} } = given
  if ((more.BodyParameters ?? []).length > 0) throw refused('BodyParameters are not served here: the body is signed')
  const own = readOwn(kind, given)
  const headers = readHeaders({ ...pairsOf(more.HeaderParameters), ...own.headers })
  const shownMore = {
    HeaderParameters: (more.HeaderParameters ?? []).map(shownParameter),
    QueryStringParameters: (more.QueryStringParameters ?? []).map(shownParameter),
  }
  return {
    secrets: {
      headers,
      query: pairsOf(more.QueryStringParameters),
      ...(own.oauth && { oauth: own.oauth }),
    },
    shown: { ...own.shown, ...(given.InvocationHttpParameters && { InvocationHttpParameters: shownMore }) },
    signingSecret: own.signingSecret,
  }
}

/** Names in lower case. Throws `invalid`. */
function readHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) checkHeader('HeaderParameters', name, value)
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

interface OwnParameters {
  readonly headers: Readonly<Record<string, string>>
  readonly shown: object
  readonly oauth?: NonNullable<ConnectionSecrets['oauth']>
  readonly signingSecret?: string
}

function readOwn(kind: ConnectionKind, given: AuthParameters): OwnParameters {
  const { ApiKeyAuthParameters: key, BasicAuthParameters: basic, OAuthParameters: oauth } = given
  if (kind === 'API_KEY' && key) return readKey(key)
  if (kind === 'BASIC' && basic) {
    const authorization = `Basic ${Buffer.from(`${basic.Username}:${basic.Password}`).toString('base64')}`
    return { headers: { authorization }, shown: { BasicAuthParameters: { Username: basic.Username } } }
  }
  if (kind === 'OAUTH_CLIENT_CREDENTIALS' && oauth) return readOauth(oauth)
  throw refused(`AuthParameters must have the member that goes with AuthorizationType ${kind}`)
}

function readKey({ ApiKeyName, ApiKeyValue }: NonNullable<AuthParameters['ApiKeyAuthParameters']>): OwnParameters {
  const shown = { ApiKeyAuthParameters: { ApiKeyName } }
  if (ApiKeyName.toLowerCase() !== SIGNATURE_KEY) return { headers: { [ApiKeyName]: ApiKeyValue }, shown }
  if (isSigningSecret(ApiKeyValue)) return { headers: {}, shown, signingSecret: ApiKeyValue }
  throw refused(`ApiKeyValue of ${SIGNATURE_KEY} must be whsec_ and 24 to 64 bytes in Base64`)
}

function readOauth(oauth: NonNullable<AuthParameters['OAuthParameters']>): OwnParameters {
  const { ClientParameters, AuthorizationEndpoint, HttpMethod, OAuthHttpParameters: more } = oauth
  checkEndpoint('AuthorizationEndpoint', AuthorizationEndpoint)
  const { ClientID: clientId, ClientSecret: clientSecret } = ClientParameters
  const sent = {
    headers: readHeaders(pairsOf(more?.HeaderParameters)),
    query: pairsOf(more?.QueryStringParameters),
    body: pairsOf(more?.BodyParameters),
  }
  const OAuthHttpParameters = more && {
    HeaderParameters: (more.HeaderParameters ?? []).map(shownParameter),
    QueryStringParameters: (more.QueryStringParameters ?? []).map(shownParameter),
    BodyParameters: (more.BodyParameters ?? []).map(shownParameter),
  }
  return {
    headers: {},
    oauth: { endpoint: AuthorizationEndpoint, method: HttpMethod, clientId, clientSecret, ...sent },
    shown: {
      OAuthParameters: {
        ClientParameters: { ClientID: clientId },
        AuthorizationEndpoint,
        HttpMethod,
        ...(OAuthHttpParameters && { OAuthHttpParameters }),
      },
    },
  }
}

/** Throws `invalid`. Whether an address may be reached is known when it is looked up. */
export function checkEndpoint(name: string, text: string): void {
  const url = URL.parse(text.replaceAll('*', 'x'))
  const isHttp = url !== null && (url.protocol === 'https:' || url.protocol === 'http:')
  if (isHttp && url.username === '' && url.password === '' && url.hash === '') return
  throw invalid(name, text, 'must be an http or https address without user, password and fragment')
}

/** Headers that say how the message itself is sent. */
const reserved = /^(host|connection|content-.*|transfer-encoding|upgrade|te|trailer|expect|webhook-.*)$/i

/** Throws `invalid`. */
export function checkHeader(field: string, name: string, value = ''): void {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || reserved.test(name)) {
    throw invalid(field, name, 'must be the name of a header that does not describe the message itself')
  }
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw refused(`The value of header ${name} must be printable`)
}

type Parameters = readonly { readonly Key: string; readonly Value: string; readonly IsValueSecret?: boolean }[]

function pairsOf(parameters: Parameters = []): Record<string, string> {
  return Object.fromEntries(parameters.map(({ Key, Value }) => [Key, Value]))
}

function shownParameter({ Key, Value, IsValueSecret = false }: Parameters[number]) {
  return IsValueSecret ? { Key, IsValueSecret } : { Key, Value, IsValueSecret }
}
