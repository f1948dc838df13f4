import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AuthenticationError, type AuthenticationFailure } from './authentication-error.ts'
import { canonicalRequest } from './canonical-request.ts'
import { claimedSha256, sha256Hex } from './payload.ts'
import type { RawRequest } from './raw-request.ts'
import { parseSignature } from './signature.ts'
import { checkSignature, createSigningKeys, verifySignature } from './sigv4.ts'

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const now = Date.UTC(2026, 0, 31, 10, 20, 30)
const host = ['Host', 'packyard.test:8443']
const date = ['X-Amz-Date', '20260131T102030Z']

interface Vector extends RawRequest {
  readonly service: string
  readonly body: string
  readonly canonicalSha256: string
}

interface Draft {
  readonly method?: string
  readonly target: string
  readonly headers?: readonly string[]
  readonly signed?: string
  readonly signature?: string
  readonly service?: string
  readonly body?: string
  readonly canonicalSha256?: string
}

function vector(draft: Draft): Vector {
  const { method = 'GET', target, service = 'codeartifact', signed, signature } = draft
  const scope = `AKIDEXAMPLE/20260131/us-east-1/${service}/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${signed}, Signature=${signature}`
  const [path = '', query = ''] = target.split('?')
  return {
    method,
    path,
    query,
    rawHeaders: [
      ...host,
      ...(signed === undefined ? [] : [...date, 'Authorization', authorization]),
      ...(draft.headers ?? []),
    ],
    service,
    body: draft.body ?? '',
    canonicalSha256: draft.canonicalSha256 ?? '',
  }
}

const v1: Draft = {
  target: '/v1/domain?domain=my-domain&domain-owner=111122223333',
  signed: 'host;x-amz-date',
  signature: 'de2567547b4b64889c58032cb6cfdf71b50aed34e891861a0bde2c377b5ac74f',
  canonicalSha256: '21648442aa3765a53901a125ab81fb9d11fecd8f8ce941a40175494e747feace',
}
const v2: Draft = {
  method: 'POST',
  target:
    '/aws/v1/package/versions?domain=d1&repository=r1&format=npm&namespace=my%20org&package=a%2Bb%2Fc&next-token=x%2By%3D',
  headers: ['X-Amz-Security-Token', 'tok+en/=='],
  signed: 'host;x-amz-date;x-amz-security-token',
  signature: '01053055976cb949935e5f90d63a2af28e0585bf7a6d6992f3fe41bab6115124',
  canonicalSha256: '52229fd076d74b5320ea6bba7192882beba011fc17bfb4e0863fddded98c73d8',
}
const v3: Draft = {
  method: 'POST',
  target: '/a%20b/',
  service: 'sts',
  headers: ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
  signed: 'content-type;host;x-amz-date',
  signature: 'f079815f756ef4850260f2ad778f52a1fb49a238c0e7070b193e4b37c7636214',
  canonicalSha256: 'cb34e6b51e5ee66f35609b2fcfb0ab8cb8f604cccc32c00e36160b1178f5db69',
}
const v4: Draft = {
  method: 'POST',
  target: '/v1/package/version/publish?asset=a.bin&package=p&version=1',
  headers: ['X-Amz-Content-Sha256', '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'],
  body: 'hello',
  signed: 'host;x-amz-content-sha256;x-amz-date',
  signature: 'a5ac0466696f565871744b11a21e39213a2e45fdbf481c76eb33a605cf69c75e',
  canonicalSha256: '42eb92293c81f5e01528900a7838c45dcde18bc8db148195bdb4a400160007b5',
}
const presignedQuery = [
  'Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256',
  'X-Amz-Credential=AKIDEXAMPLE%2F20260131%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20260131T102030Z',
  'X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=tok%2Ben%2F%3D%3D',
  'X-Amz-Signature=bb6d15d7f69242cb901b423d06b9fa4e34c874b16223988c22340d5ceb63c507',
].join('&')
const v5: Draft = {
  target: `/?${presignedQuery}`,
  service: 'sts',
  canonicalSha256: '14b599e1812cc239f4c2b246b60ff3862b8da40080c2241972200e7cde24604c',
}
const vectors = { V1: v1, V2: v2, V3: v3, V4: v4, V5: v5 }

/** All that a server does with a signed request, but for looking the key up. */
function verify(request: Vector, at = now, key = secret): void {
  const signature = parseSignature(request)
  checkSignature(request, signature, request.service, at)
  const payload = claimedSha256(request) ?? sha256Hex(Buffer.from(request.body))
  verifySignature(request, signature, createSigningKeys().derive(signature.accessKeyId, key, signature.scope), payload)
}

function refuses(request: Vector, kind: AuthenticationFailure, message: RegExp, at = now): void {
  assert.throws(
    () => verify(request, at),
    (error) => {
      assert.ok(error instanceof AuthenticationError)
      assert.equal(error.kind, kind)
      assert.match(error.message, message)
      return true
    },
  )
}

/** The same request with other headers of this name; none when no value is given. */
function withHeader(request: Vector, name: string, ...values: string[]): Vector {
  const pairs = Array.from({ length: request.rawHeaders.length / 2 }, (_, at) =>
    request.rawHeaders.slice(2 * at, 2 * at + 2),
  )
  const kept = pairs.filter(([other]) => other?.toLowerCase() !== name.toLowerCase())
  return { ...request, rawHeaders: [...kept.flat(), ...values.flatMap((value) => [name, value])] }
}

function withAuthorization(request: Vector, change: (text: string) => string): Vector {
  const at = request.rawHeaders.indexOf('Authorization') + 1
  return withHeader(request, 'Authorization', change(request.rawHeaders[at] ?? ''))
}

for (const [name, draft] of Object.entries(vectors)) {
  test(`The signature of vector ${name} is right, and so is its canonical request`, () => {
    const request = vector(draft)
    const payload = claimedSha256(request) ?? sha256Hex(Buffer.from(request.body))
    const text = canonicalRequest(request, parseSignature(request), payload)
    assert.equal(sha256Hex(Buffer.from(text, 'latin1')), request.canonicalSha256)
    verify(request)
  })

  test(`Vector ${name} is refused with another secret, method, path, query or host`, () => {
    const request = vector(draft)
    assert.throws(() => verify(request, now, `${secret}x`), { kind: 'mismatch' })
    refuses({ ...request, method: 'PUT' }, 'mismatch', /does not match the signature you provided/)
    refuses({ ...request, path: `${request.path}x` }, 'mismatch', /does not match/)
    refuses({ ...request, query: `${request.query}&more=1` }, 'mismatch', /does not match/)
    refuses(withHeader(request, 'Host', 'packyard.test'), 'mismatch', /does not match/)
  })
}

test('The signing key is the one that botocore derives', () => {
  const keys = createSigningKeys()
  const scope = { date: '20260131', region: 'us-east-1', service: 'codeartifact' }
  const expected = 'c257438e7a3299c5aea4ed0b85a6c1439f9f7da172a9e07eaab9ce6528feb054'
  assert.equal(keys.derive('AKIDEXAMPLE', secret, scope).toString('hex'), expected)
  assert.equal(keys.derive('AKIDEXAMPLE', secret, scope).toString('hex'), expected)
  assert.notEqual(keys.derive('AKIDEXAMPLE', 'another', scope).toString('hex'), expected)
})

test('Parameters may arrive in any order, and in any spelling that means the same', () => {
  verify(vector({ ...v1, target: '/v1/domain?domain-owner=111122223333&domain=my-domain' }))
  verify(vector({ ...v1, target: '/v1//./x/../domain?&domain=my%2Ddomain&domain-owner=%3111122223333&' }))
  verify(vector({ ...v1, target: 'http://packyard.test:8443/v1/domain?domain=my-domain&domain-owner=111122223333' }))
})

test('Header names and values may be spelt in any way that canonicalises to the same', () => {
  const request = vector(v2)
  verify(withHeader(request, 'HOST', '  packyard.test:8443 '))
  verify(withAuthorization(request, (text) => text.replaceAll(', ', ',')))
  verify(
    withAuthorization(request, (text) =>
      text.replace(/Signature=(\w+)$/, (_, hex: string) => `Signature=${hex.toUpperCase()}`),
    ),
  )
  verify(withAuthorization(request, (text) => text.replace(/^(\S+) (Credential=\S+), (.*)$/, '$1   $3 , $2')))
})

test('Another body than the signed one is refused, also where only its hash is signed', () => {
  refuses(vector({ ...v3, body: 'Action=AssumeRole&Version=2011-06-15' }), 'mismatch', /does not match/)
  const request = vector({ ...v4, body: 'hellO' })
  verify(request)
  assert.notEqual(claimedSha256(request), sha256Hex(Buffer.from(request.body)))
})

test('A request that is not signed with this scheme counts as unsigned', () => {
  const request = vector({ target: '/v1/domain' })
  refuses(request, 'unsigned', /^Missing Authentication Token$/)
  refuses(withHeader(request, 'Authorization', 'Bearer eyJ.eyJ.x'), 'unsigned', /Missing/)
  refuses(withHeader(request, 'Authorization', ''), 'unsigned', /Missing/)
})

test('A signature that lacks a part, or has one twice, is incomplete', () => {
  const request = vector(v1)
  for (const part of ['Credential', 'SignedHeaders', 'Signature']) {
    const without = withAuthorization(request, (text) => text.replace(`${part}=`, `Not${part}=`))
    refuses(without, 'incomplete', new RegExp(`requires '${part}' parameter`))
  }
  refuses(
    withAuthorization(request, (text) => text.replace('/us-east-1', '')),
    'incomplete',
    /Credential must have/,
  )
  refuses(
    withAuthorization(request, (text) => text.replace('HMAC', 'ECDSA-P256')),
    'incomplete',
    /Unsupported AWS algorithm/,
  )
  refuses(withHeader(request, 'X-Amz-Date'), 'incomplete', /'X-Amz-Date' or 'Date'/)
  refuses(withHeader(request, 'X-Amz-Date', '20260231T102030Z'), 'incomplete', /'X-Amz-Date' or 'Date'/)
  refuses(withHeader(request, 'X-Amz-Date', '20260131T102030Z', '20260131T102030Z'), 'incomplete', /more than once/)
  refuses(withHeader(request, 'Host', 'packyard.test:8443', 'other.test'), 'incomplete', /more than once/)
  const twice = request.rawHeaders[request.rawHeaders.indexOf('Authorization') + 1] ?? ''
  refuses(withHeader(request, 'Authorization', twice, twice), 'incomplete', /more than once/)
})

test('A signature of another length is a wrong one', () => {
  const request = vector(v1)
  for (const change of ['', 'x', '00']) {
    const changed = withAuthorization(request, (text) => text.replace(/..$/, change))
    refuses(changed, 'mismatch', /does not match the signature you provided/)
  }
})

test('The scope must name the date, the service and the terminator', () => {
  const request = vector(v1)
  const other = (from: string, to: string) => withAuthorization(request, (text) => text.replace(from, to))
  refuses(other('/20260131/', '/20260130/'), 'mismatch', /^Date in Credential scope/)
  refuses(
    other('/codeartifact/', '/s3/'),
    'mismatch',
    /^Credential should be scoped to correct service: 'codeartifact'\.$/,
  )
  refuses(other('aws4_request', 'aws3_request'), 'mismatch', /valid terminator/)
})

test('What decides about a request must be signed, and what is signed must be there', () => {
  const request = vector(v1)
  const signing = (names: string) =>
    withAuthorization(request, (text) => text.replace(/SignedHeaders=[^,]*/, `SignedHeaders=${names}`))
  refuses(signing('x-amz-date'), 'mismatch', /'host' must be a 'SignedHeader'/)
  refuses(signing('host'), 'mismatch', /'x-amz-date' must be/)
  refuses(signing('host;x-amz-date;x-gone'), 'mismatch', /signed header 'x-gone' is not in the request/)
  for (const name of ['X-Amz-Target', 'X-Amz-Security-Token', 'X-Amz-Content-Sha256']) {
    refuses(withHeader(request, name, 'x'), 'mismatch', new RegExp(`'${name.toLowerCase()}' must be`))
  }
  verify(withHeader(request, 'amz-sdk-request', 'attempt=1'))
  verify(withHeader(request, 'x-amz-user-agent', 'tool'))
})

test('A request counts for five minutes before and after its time', () => {
  const request = vector(v1)
  verify(request, now + 300_000)
  verify(request, now - 300_000)
  const expired =
    /^Signature expired: 20260131T102030Z is now earlier than 20260131T103000Z \(20260131T103500Z - 5 min\.\)$/
  refuses(request, 'mismatch', expired, Date.UTC(2026, 0, 31, 10, 35))
  const early =
    /^Signature not yet current: 20260131T102030Z is still later than 20260131T101000Z \(20260131T100500Z \+ 5 min\.\)$/
  refuses(request, 'mismatch', early, Date.UTC(2026, 0, 31, 10, 5))
})

test('The Date header stands in where a client sends no x-amz-date', () => {
  const request = vector(v1)
  const signature = parseSignature(
    withHeader(withHeader(request, 'X-Amz-Date'), 'Date', 'Sat, 31 Jan 2026 10:20:30 GMT'),
  )
  assert.deepEqual(signature.time, { text: '20260131T102030Z', at: now })
})

test('A presigned request lives from five minutes before its time until it expires', () => {
  const request = vector(v5)
  verify(request, now - 300_000)
  verify(request, now + 60_000)
  refuses(request, 'request-expired', /expired/, now + 61_000)
  refuses(request, 'mismatch', /not yet current/, now - 301_000)
})

test('A presigned request that is not whole is incomplete', () => {
  const query = (change: (text: string) => string) => ({ ...vector(v5), query: change(presignedQuery) })
  refuses(
    query((text) => text.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801')),
    'incomplete',
    /604800/,
  )
  refuses(
    query((text) => text.replace('X-Amz-Expires=60&', '')),
    'incomplete',
    /requires 'X-Amz-Expires'/,
  )
  refuses(
    query((text) => text.replace('=AWS4-HMAC-SHA256', '=AWS4-ECDSA-P256-SHA256')),
    'incomplete',
    /Unsupported/,
  )
  refuses(
    query((text) => `${text}&X-Amz-Date=20260131T102030Z`),
    'incomplete',
    /stands twice/,
  )
  refuses(
    query((text) => text.replace('tok%2Ben', 'tok%FFen')),
    'incomplete',
    /percent-encoded/,
  )
  refuses(
    query((text) => text.replace('tok%2Ben', 'other')),
    'mismatch',
    /does not match/,
  )
  refuses(withHeader(vector(v5), 'Authorization', 'AWS4-HMAC-SHA256 x'), 'incomplete', /one of them only/)
})

test('Payloads that are unsigned, or signed in chunks, are refused', () => {
  for (const claim of ['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'abc', 'A'.repeat(64)]) {
    assert.throws(() => claimedSha256(withHeader(vector(v4), 'x-amz-content-sha256', claim)), { kind: 'incomplete' })
  }
  assert.throws(() => claimedSha256(withHeader(vector(v4), 'Content-Encoding', 'aws-chunked')), { kind: 'incomplete' })
  const hash = 'a'.repeat(64)
  assert.throws(() => claimedSha256(withHeader(vector(v4), 'x-amz-content-sha256', hash, hash)), { kind: 'incomplete' })
  assert.equal(claimedSha256({ ...vector(v5), query: `${presignedQuery}&X-Amz-Content-Sha256=${hash}` }), hash)
})
