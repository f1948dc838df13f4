import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { SignJWT } from 'jose/jwt/sign'
import type { Lifetime } from './upstream.ts'

export const CLIENT = { id: 'packyard-console', secret: 'a client secret' }

interface Grant {
  readonly query: URLSearchParams
}

/** An OpenID provider at which one person signs in without being asked: authorization code flow, PKCE required. */
export async function startSignInProvider(t: Lifetime) {
  const key = await generateKeyPair('ES256')
  const grants = new Map<string, Grant>()
  /** What the next ID token claims instead. */
  const lies: { claims: Record<string, unknown> } = { claims: {} }
  const redeemed: string[] = []
  const sign = (nonce: string | null) =>
    new SignJWT({ iss: url, aud: CLIENT.id, sub: 'jane@acme.example', nonce: nonce ?? '', ...lies.claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(key.privateKey)
  const redeem = async (request: IncomingMessage): Promise<object | undefined> => {
    const form = new URLSearchParams(await text(request))
    const code = form.get('code') ?? ''
    const grant = grants.get(code)
    grants.delete(code)
    const basic = `Basic ${Buffer.from([CLIENT.id, CLIENT.secret].map(encodeURIComponent).join(':')).toString('base64')}`
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!grant || request.headers.authorization !== basic) return undefined
    if (grant.query.get('code_challenge') !== challenge) return undefined
    if (grant.query.get('redirect_uri') !== form.get('redirect_uri')) return undefined
    redeemed.push(code)
    return { token_type: 'Bearer', access_token: randomUUID(), id_token: await sign(grant.query.get('nonce')) }
  }
  const authorize = (query: URLSearchParams): string => {
    const code = randomUUID()
    grants.set(code, { query })
    const back = new URL(query.get('redirect_uri') ?? '')
    back.searchParams.set('code', code)
    back.searchParams.set('state', query.get('state') ?? '')
    return back.href
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = new URL(request.url ?? '', url)
    if (asked.pathname === '/authorize') {
      response.writeHead(302, { location: authorize(asked.searchParams) }).end()
      return
    }
    const documents: Record<string, () => Promise<object | undefined>> = {
      '/.well-known/openid-configuration': async () => ({
        issuer: url,
        jwks_uri: `${url}/keys`,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
      }),
      '/keys': async () => ({ keys: [{ ...(await exportJWK(key.publicKey)), kid: 'k', alg: 'ES256' }] }),
      '/token': () => redeem(request),
    }
    const document = await documents[asked.pathname]?.()
    response.writeHead(document ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, host: new URL(url).host, lies, redeemed }
}
