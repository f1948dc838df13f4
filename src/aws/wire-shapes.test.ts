import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget, renderJson11Error } from './json11.ts'
import { renderQuery, renderQueryError } from './query.ts'
import { epochSeconds, renderRestJson, renderRestJsonError, type WireError } from './rest-json.ts'

const failure: WireError = {
  code: 'ConflictException',
  status: 409,
  message: 'Domain <d> & "more"\u0000',
  requestId: 'id-1',
  members: { resourceId: 'd', resourceType: 'domain' },
  headers: { 'Retry-After': '3' },
}
const sts = 'https://sts.amazonaws.com/doc/2011-06-15/'

test('rest-json leaves out what is absent and writes times as seconds with a fraction', () => {
  const reply = renderRestJson({ a: null, b: undefined, c: [], d: { e: null }, at: epochSeconds(1_763_625_600_500) })
  assert.equal(reply.status, 200)
  assert.equal(reply.headers['Content-Type'], 'application/json')
  assert.equal(reply.body, '{"c":[],"d":{},"at":1763625600.5}')
})

test('A failure in rest-json has its code in header and body, and the members of the model', () => {
  const reply = renderRestJsonError(failure)
  assert.equal(reply.status, 409)
  assert.equal(reply.headers['x-amzn-errortype'], 'ConflictException')
  assert.equal(reply.headers['Retry-After'], '3')
  assert.deepEqual(JSON.parse(reply.body), {
    __type: 'ConflictException',
    message: failure.message,
    resourceId: 'd',
    resourceType: 'domain',
  })
})

test('A failure in json 1.1 is 400 with its code in the body', () => {
  const reply = renderJson11Error(failure)
  assert.equal(reply.status, 400)
  assert.equal(reply.headers['Content-Type'], 'application/x-amz-json-1.1')
  assert.deepEqual(JSON.parse(reply.body), { __type: 'ConflictException', message: failure.message })
  assert.equal(renderJson11Error({ ...failure, status: 500 }).status, 500)
})

test('The target of json 1.1 is known by its last two parts', () => {
  assert.equal(
    parseTarget('com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents'),
    'CloudTrail_20131101.LookupEvents',
  )
  assert.equal(parseTarget('AWSEvents.PutRule'), 'AWSEvents.PutRule')
  assert.equal(parseTarget('x'), 'x')
})

test('An answer in the query protocol is XML: lists of members, empty ones too', () => {
  const result = { Users: [{ UserName: 'a<b>&"' }, { UserName: 'c' }], Tags: [], IsTruncated: false, Marker: undefined }
  const answer = { action: 'ListUsers', xmlNamespace: sts, requestId: 'id-1' }
  const reply = renderQuery({ ...answer, notation: 'xml', result })
  assert.equal(reply.headers['Content-Type'], 'text/xml')
  assert.equal(
    reply.body,
    `<ListUsersResponse xmlns="${sts}"><ListUsersResult><Users><member><UserName>a&#60;b&#62;&#38;&#34;</UserName>` +
      '</member><member><UserName>c</UserName></member></Users><Tags/><IsTruncated>false</IsTruncated></ListUsersResult>' +
      '<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListUsersResponse>\n',
  )
  const empty = renderQuery({ ...answer, notation: 'xml', result: undefined })
  assert.doesNotMatch(empty.body, /Result/)
})

test('An answer in the query protocol is JSON where the client asks for it', () => {
  const answer = { action: 'GetCallerIdentity', xmlNamespace: sts, requestId: 'id-1', notation: 'json' } as const
  const reply = renderQuery({ ...answer, result: { Account: '111122223333' } })
  assert.deepEqual(JSON.parse(reply.body), {
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: { Account: '111122223333' },
      ResponseMetadata: { RequestId: 'id-1' },
    },
  })
})

test('A failure in the query protocol says whose fault it is, in characters that XML can carry', () => {
  const reply = renderQueryError(failure, 'xml', sts)
  assert.equal(reply.status, 409)
  assert.equal(
    reply.body,
    `<ErrorResponse xmlns="${sts}"><Error><Type>Sender</Type><Code>ConflictException</Code>` +
      '<Message>Domain &#60;d&#62; &#38; &#34;more&#34;\ufffd</Message></Error><RequestId>id-1</RequestId></ErrorResponse>\n',
  )
  assert.match(renderQueryError({ ...failure, status: 503 }, 'xml').body, /^<ErrorResponse><Error><Type>Receiver</)
  const json = JSON.parse(renderQueryError(failure, 'json').body)
  assert.deepEqual(json, {
    Error: { Type: 'Sender', Code: 'ConflictException', Message: failure.message },
    RequestId: 'id-1',
  })
})
