import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { SignJWT } from 'jose/jwt/sign'
import type { Lifetime } from './upstream.ts'

/** An OpenID Connect issuer on this machine, as a CI system has one. */
export async function startIssuer(t: Lifetime) {
  const keys = [await generateKeyPair('RS256')]
  let requests = 0
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    requests++
    const jwks = {
      keys: await Promise.all(
        keys.map(async ({ publicKey }, index) => ({ ...(await exportJWK(publicKey)), kid: `k${index}`, alg: 'RS256' })),
      ),
    }
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': jwks,
    }
    const document = documents[request.url ?? '']
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sign = async (claims: Record<string, unknown> = {}, kid = keys.length - 1) => {
    const key = keys[kid]
    assert.ok(key)
    const now = Math.floor(Date.now() / 1000)
    const payload = {
      iss: url,
      aud: 'sts.amazonaws.com',
      sub: 'repo:acme/web:ref:refs/heads/main',
      iat: now,
      exp: now + 300,
      ...claims,
    }
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: `k${kid}` }).sign(key.privateKey)
  }
  const rotate = async () => void keys.push(await generateKeyPair('RS256'))
  return { url, host: new URL(url).host, sign, rotate, requests: () => requests, stop: () => server.close() }
}
