import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { type Answer, answerTo, PUBLIC_HOST, type SentRequest, startAwsPlane } from '../../test/support/aws-plane.ts'

const listDomains = { target: '/v1/domains', body: '{}' }
const describeDomain = { method: 'GET', target: '/v1/domain?domain=acme&domain-owner=111122223333' }
const getCallerIdentity = {
  target: '/',
  service: 'sts',
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
}

/** Checks all that clients look at: status, code in header and body, message, request id. */
function isRestError(answer: Answer, status: number, code: string, message: RegExp): void {
  assert.deepEqual([answer.status, answer.headers.get('x-amzn-errortype')], [status, code], answer.text)
  assert.equal(answer.headers.get('content-type'), 'application/json')
  assert.equal(answer.json['__type'], code)
  assert.match(String(answer.json['message']), message)
  assert.match(answer.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/)
}

function isQueryError(answer: Answer, status: number, code: string, message: RegExp): void {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers.get('content-type'), 'text/xml')
  assert.ok(answer.text.includes(`<Code>${code}</Code>`), answer.text)
  assert.match(answer.text, message)
  const id = answer.headers.get('x-amzn-requestid') ?? ''
  assert.ok(id !== '' && answer.text.includes(`<RequestId>${id}</RequestId>`))
}

test('A signed request reaches its operation with decoded parameters and its caller', async (t) => {
  const { send, user, records } = await startAwsPlane(t)
  const answer = await send({ target: '/v1/domains?a=x%2By%3D&b=a+b&c=%252a&d=', body: '{"maxResults":1}' })
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(answer.json, {
    domains: [],
    query: { a: 'x+y=', b: 'a+b', c: '%2a', d: '' },
    body: { maxResults: 1 },
    caller: user.arn,
  })
  assert.match(answer.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/)
  assert.deepEqual(Object.assign({}, ...(records.at(-1)?.fields ?? [])), {
    operation: 'ListDomains',
    'user.arn': user.arn,
  })
})

test('An operation is found below a path prefix and past doubled slashes', async (t) => {
  const { send } = await startAwsPlane(t)
  for (const target of ['/aws/v1/domains', '/aws//v1/domains', '//v1/domains', '/a%20b/v1/domains']) {
    const answer = await send({ target })
    assert.equal(answer.status, 200, `${target}: ${answer.text}`)
    assert.deepEqual(answer.json['body'], {})
  }
})

test('What the signature does not prove is refused in rest-json, with the codes that SDKs act on', async (t) => {
  const { send, key, url, time, setKeyStatus } = await startAwsPlane(t)
  const { accessKeyId, secretAccessKey } = key
  const forged = 'The request signature we calculated does not match'
  const unknown = 'The security token included in the request is invalid.'

  isRestError(
    await answerTo(`${url}/v1/domains`, { method: 'POST' }),
    403,
    'MissingAuthenticationTokenException',
    /^Missing Authentication Token$/,
  )
  const bearer = { method: 'POST', headers: { authorization: 'Bearer eyJ.eyJ.x' } }
  isRestError(await answerTo(`${url}/v1/domains`, bearer), 403, 'MissingAuthenticationTokenException', /Missing/)
  const wrongSecret = { accessKeyId, secretAccessKey: secretAccessKey.replace(/^./, '_') }
  isRestError(
    await send({ ...listDomains, credentials: wrongSecret }),
    403,
    'InvalidSignatureException',
    new RegExp(forged),
  )
  const unknownKey = { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey }
  isRestError(
    await send({ ...listDomains, credentials: unknownKey }),
    403,
    'UnrecognizedClientException',
    new RegExp(unknown),
  )
  const withToken = { ...key, sessionToken: 'x' }
  isRestError(
    await send({ ...listDomains, credentials: withToken }),
    403,
    'UnrecognizedClientException',
    new RegExp(unknown),
  )
  const scope = /^Credential should be scoped to correct service: 'codeartifact'\.$/
  isRestError(await send({ ...listDomains, service: 's3' }), 403, 'InvalidSignatureException', scope)
  isRestError(
    await send({ ...listDomains, at: time.now - 301_000 }),
    403,
    'InvalidSignatureException',
    /^Signature expired: /,
  )
  isRestError(
    await send({ ...listDomains, at: time.now + 302_000 }),
    403,
    'InvalidSignatureException',
    /^Signature not yet/,
  )
  await setKeyStatus(accessKeyId, 'Inactive')
  isRestError(await send(listDomains), 403, 'UnrecognizedClientException', new RegExp(unknown))
})

test('A request that was changed on its way is refused', async (t) => {
  const { send } = await startAwsPlane(t)
  const changeHeader = (name: string, change: (value: string) => string) => (sent: SentRequest) => ({
    ...sent,
    headers: { ...sent.headers, [name]: change(sent.headers[name] ?? '') },
  })
  const refused = async (tamper: (sent: SentRequest) => SentRequest, status: number, code: string, message: RegExp) =>
    isRestError(await send({ ...listDomains, target: '/v1/domains?b=1&a=2', tamper }), status, code, message)
  const forged = /signature we calculated does not match/
  await refused(
    (sent) => ({ ...sent, body: '{ }' }),
    400,
    'ValidationException',
    /x-amz-content-sha256 '.{64}' does not match/,
  )
  await refused((sent) => ({ ...sent, target: '/v1/domains?b=1&a=3' }), 403, 'InvalidSignatureException', forged)
  await refused((sent) => ({ ...sent, target: '/x/v1/domains?b=1&a=2' }), 403, 'InvalidSignatureException', forged)
  await refused(
    changeHeader('authorization', (value) => value.slice(0, -2)),
    403,
    'InvalidSignatureException',
    forged,
  )
  const other = changeHeader('x-amz-content-sha256', () => 'UNSIGNED-PAYLOAD')
  await refused(other, 400, 'IncompleteSignatureException', /must be the SHA-256 of the body/)
  const unlisted = changeHeader('x-amz-security-token', () => 'x')
  await refused(unlisted, 403, 'InvalidSignatureException', /'x-amz-security-token' must be a 'SignedHeader'/)

  const reordered = (sent: SentRequest) => ({ ...sent, target: '/v1/domains?a=2&b=1' })
  assert.equal((await send({ ...listDomains, target: '/v1/domains?b=1&a=2', tamper: reordered })).status, 200)
})

test('A body whose hash the client did not send is hashed here', async (t) => {
  const { send } = await startAwsPlane(t)
  const draft = { ...listDomains, body: '{"maxResults":2}', payloadHash: 'not sent' } as const
  assert.deepEqual((await send(draft)).json['body'], { maxResults: 2 })
  const changed = await send({ ...draft, tamper: (sent) => ({ ...sent, body: '{"maxResults":3}' }) })
  isRestError(changed, 403, 'InvalidSignatureException', /does not match the signature you provided/)
})

test('Headers that stand twice are refused in a shape that clients can read', async (t) => {
  const { url, host } = await startAwsPlane(t)
  const port = Number(new URL(url).port)
  for (const doubled of ['Authorization: AWS4-HMAC-SHA256 x', 'X-Amz-Date: 20260131T102030Z', `Host: ${host}`]) {
    const socket = connect(port, '127.0.0.1')
    const once = ['Authorization: AWS4-HMAC-SHA256 x', 'X-Amz-Date: 20260131T102030Z', `Host: ${host}`]
    socket.end(`POST /v1/domains HTTP/1.1\r\n${[...once, doubled, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    const answer = await text(socket)
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.match(answer, /x-amzn-errortype: \w+Exception/i)
    assert.match(answer, /"message":"[^"]*more than once/)
  }
})

test('What cannot be read is refused before the operation runs', async (t) => {
  const { send } = await startAwsPlane(t)
  for (const body of ['{', '[]', 'null', '"x"', 'domain=acme']) {
    const answer = await send({ ...listDomains, body })
    isRestError(answer, 400, 'ValidationException', /JSON/)
    assert.equal(answer.json['reason'], 'CANNOT_PARSE', body)
  }
  const undecodable = await send({ ...describeDomain, target: '/v1/domain?domain=%zz' })
  isRestError(undecodable, 400, 'ValidationException', /^'%zz' in the query is not percent-encoded UTF-8$/)
  const repeated = await send({ ...describeDomain, target: '/v1/domain?domain=acme&domain=acme' })
  isRestError(repeated, 400, 'ValidationException', /^query parameter 'domain' must not stand more than once$/)
  assert.equal(repeated.json['reason'], 'FIELD_VALIDATION_FAILED')
})

test('An address of no operation is answered with 404, whoever asks', async (t) => {
  const { send, url } = await startAwsPlane(t)
  for (const [method, target] of [
    ['GET', '/v1/nothing'],
    ['PUT', '/v1/domains'],
    ['DELETE', '/v1/constructor'],
    ['GET', '/elsewhere'],
  ] as const) {
    isRestError(
      await send({ method, target }),
      404,
      'UnknownOperationException',
      new RegExp(`^${method} ${target} is no operation`),
    )
  }
  isRestError(await answerTo(`${url}/v1/nothing`, {}), 404, 'UnknownOperationException', /no operation/)
  isQueryError(
    await send({ target: '/elsewhere', service: 'iam' }),
    400,
    'InvalidAction',
    /must contain the parameter Action/,
  )
  const head = await answerTo(`${url}/v1/domain`, { method: 'HEAD' })
  assert.deepEqual(
    [head.status, head.headers.get('x-amzn-errortype'), head.text],
    [404, 'UnknownOperationException', ''],
  )
})

test('What an operation throws has its code, its members and its headers', async (t) => {
  const { send, records, user } = await startAwsPlane(t)
  const fail = (description: string) => send({ target: '/v1/repository', body: JSON.stringify({ description }) })
  const expected = [
    ['missing', 404, 'ResourceNotFoundException', undefined],
    ['conflict', 409, 'ConflictException', undefined],
    ['denied', 403, 'AccessDeniedException', undefined],
    ['invalid', 400, 'ValidationException', 'OTHER'],
    ['quota', 402, 'ServiceQuotaExceededException', undefined],
    ['unavailable', 500, 'InternalServerException', undefined],
    ['unsupported', 400, 'ValidationException', 'UNKNOWN_OPERATION'],
  ] as const
  for (const [kind, status, code, reason] of expected) {
    const answer = await fail(kind)
    const message = kind === 'denied' ? new RegExp(`^User: ${user.arn} is not authorized to perform`) : /^as asked for$/
    isRestError(answer, status, code, message)
    assert.equal(answer.json['reason'], reason)
    if (kind !== 'denied')
      assert.deepEqual([answer.json['resourceType'], answer.json['resourceId']], ['repository', 'd/r'])
  }
  const throttled = await fail('throttled')
  isRestError(throttled, 429, 'ThrottlingException', /slow down/)
  assert.equal(throttled.headers.get('retry-after'), '2')
  const broken = await fail('broken')
  isRestError(broken, 500, 'InternalServerException', /^Internal error; .* request id [0-9a-f-]{36}$/)
  assert.doesNotMatch(broken.text, /secret/)
  assert.match(String(records.at(-1)?.error), /a secret of the inside/)
})

test('A JSON body over the limit is refused with 413', async (t) => {
  const { send } = await startAwsPlane(t)
  const answer = await send({ ...listDomains, body: `"${'x'.repeat(10 * 1024 * 1024)}"` })
  isRestError(answer, 413, 'RequestEntityTooLargeException', /10485760 bytes/)
})

test('The bytes of an asset reach their operation, and only if they are the ones that were signed', async (t) => {
  const { send } = await startAwsPlane(t)
  const publish = { target: '/v1/package/version/publish?package=p&asset=a.bin', body: 'hello' }
  const answer = await send(publish)
  const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
  assert.deepEqual(answer.json, { package: 'p', version: 'hello', versionRevision: sha256 })
  const changed = await send({ ...publish, tamper: (sent) => ({ ...sent, body: 'hellO' }) })
  isRestError(changed, 400, 'ValidationException', new RegExp(`'${sha256}' does not match`))
  assert.equal(changed.json['reason'], 'OTHER')
  const unhashed = await send({ ...publish, payloadHash: 'not sent' })
  isRestError(unhashed, 400, 'ValidationException', /^x-amz-content-sha256 '' must be the SHA-256 of the asset/)
  assert.equal(unhashed.json['reason'], 'FIELD_VALIDATION_FAILED')
})

test('Bytes are answered with the headers of the model', async (t) => {
  const { send } = await startAwsPlane(t)
  const answer = await send({ method: 'GET', target: '/v1/package/version/asset?asset=a.bin' })
  assert.equal(answer.text, 'bytes')
  assert.equal(answer.headers.get('x-assetname'), 'a.bin')
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream')
  assert.equal(answer.headers.get('content-length'), '5')
})

test('GetCallerIdentity says who signed, by form or by query, in XML or in JSON', async (t) => {
  const { send, user } = await startAwsPlane(t)
  const result =
    `<GetCallerIdentityResult><Arn>${user.arn}</Arn><UserId>${user.userId}</UserId>` +
    `<Account>${user.accountId}</Account></GetCallerIdentityResult>`
  const byForm = await send(getCallerIdentity)
  assert.equal(byForm.status, 200, byForm.text)
  assert.ok(byForm.text.startsWith('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'))
  assert.ok(byForm.text.includes(result), byForm.text)
  const target = '/?Action=GetCallerIdentity&Version=2011-06-15'
  const byQuery = await send({ method: 'GET', target, service: 'sts' })
  assert.ok(byQuery.text.includes(result), byQuery.text)
  const json = await send({
    ...getCallerIdentity,
    headers: { ...getCallerIdentity.headers, accept: 'application/json' },
  })
  assert.deepEqual(json.json, {
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: { Arn: user.arn, UserId: user.userId, Account: user.accountId },
      ResponseMetadata: { RequestId: json.headers.get('x-amzn-requestid') },
    },
  })
})

test('Failures of the query protocol are XML with its own codes', async (t) => {
  const { send, key, url, time } = await startAwsPlane(t)
  const form = { method: 'POST', headers: getCallerIdentity.headers, body: getCallerIdentity.body }
  isQueryError(await answerTo(`${url}/`, form), 403, 'MissingAuthenticationToken', /Missing Authentication Token/)
  const wrongSecret = { ...key, secretAccessKey: 'x' }
  isQueryError(
    await send({ ...getCallerIdentity, credentials: wrongSecret }),
    403,
    'SignatureDoesNotMatch',
    /does not match/,
  )
  const unknownKey = { ...key, accessKeyId: 'AKIAX' }
  isQueryError(await send({ ...getCallerIdentity, credentials: unknownKey }), 403, 'InvalidClientTokenId', /is invalid/)
  const foreign = { ...getCallerIdentity, service: 'codeartifact' }
  isQueryError(await send(foreign), 403, 'SignatureDoesNotMatch', /correct service: 'sts'/)
  isQueryError(
    await send({ ...getCallerIdentity, at: time.now - 400_000 }),
    403,
    'SignatureDoesNotMatch',
    /Signature expired: /,
  )
  const bodies = [
    [
      'Action=AssumeRoot&Version=2011-06-15',
      'InvalidAction',
      /Could not find operation AssumeRoot for version 2011-06-15/,
    ],
    ['Action=toString&Version=2011-06-15', 'InvalidAction', /Could not find operation toString/],
    [
      'Action=ListRobots&Version=2010-05-08',
      'InvalidAction',
      /Could not find operation ListRobots for version 2010-05-08/,
    ],
    ['Version=2011-06-15', 'InvalidAction', /must contain the parameter Action/],
    ['Action=A&Action=B', 'MalformedQueryString', /more than once/],
  ] as const
  for (const [body, code, message] of bodies)
    isQueryError(await send({ ...getCallerIdentity, body }), 400, code, message)
})

test('Services in json 1.1 are told that their operations are unknown, in their own shape', async (t) => {
  const { send } = await startAwsPlane(t)
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.ListRules' }
  const answer = await send({ target: '/', service: 'events', headers, body: '{}' })
  assert.equal(answer.status, 400)
  assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1')
  assert.deepEqual(answer.json, {
    __type: 'UnknownOperationException',
    message: "The operation 'AWSEvents.ListRules' is not served here",
  })
})

test('Requests of other kinds are left to other planes', async (t) => {
  const { url } = await startAwsPlane(t)
  for (const [path, request] of [
    ['/', {}],
    ['/npm/d/acme-111122223333/main/react', { headers: { authorization: 'Bearer x' } }],
    ['/console/', { headers: { accept: 'text/html' } }],
  ] as const) {
    const answer = await answerTo(url + path, request)
    assert.deepEqual([answer.status, answer.headers.get('x-amzn-errortype')], [404, null])
  }
})

test('A DescribeDomain with parameters whose order is a trap is verified', async (t) => {
  const { send } = await startAwsPlane(t)
  const answer = await send(describeDomain)
  assert.deepEqual(answer.json, { domain: { name: 'acme', owner: '111122223333', createdTime: 1_763_625_600.5 } })
})

test('A signature over the configured public host counts behind a proxy that changes it, and over no other', async (t) => {
  const { send } = await startAwsPlane(t)
  assert.equal((await send({ ...listDomains, signedHost: PUBLIC_HOST })).status, 200)
  const other = await send({ ...listDomains, signedHost: 'other.example' })
  isRestError(other, 403, 'InvalidSignatureException', /does not match the signature you provided/)
  const changed = { signedHost: PUBLIC_HOST, tamper: (sent: SentRequest) => ({ ...sent, target: '/v1/domains?a=1' }) }
  isRestError(await send({ ...listDomains, ...changed }), 403, 'InvalidSignatureException', /does not match/)
})
