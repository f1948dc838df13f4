import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveNugetPlugin } from './nuget-plugin.ts'

interface Answer {
  readonly RequestId: string
  readonly Type: string
  readonly Method: string
  readonly Payload: Readonly<Record<string, unknown>>
}

/** What NuGet hears when it says these lines. */
async function hear(lines: readonly string[], tokenFor: (address: string) => Promise<string | undefined>) {
  const written: string[] = []
  async function* said() {
    yield* lines
  }
  await serveNugetPlugin({
    lines: said(),
    writeLine: (line) => written.push(line),
    tokenFor,
    createId: () => 'ours',
  })
  assert.ok(written.every((line) => !line.includes('\n')))
  return written.map((line) => JSON.parse(line) as Answer)
}

const request = (id: string, Method: string, Payload: object = {}) =>
  JSON.stringify({ RequestId: id, Type: 'Request', Method, Payload })

const ours = async (address: string) => (address.startsWith('http://ours/') ? 'a-token' : undefined)

test('NuGet is greeted, told what there is, and given a token for addresses that are ours', async () => {
  const answers = await hear(
    [
      `\uFEFF${request('1', 'Handshake', { ProtocolVersion: '2.0.0', MinimumProtocolVersion: '2.0.0' })}`,
      JSON.stringify({ RequestId: 'ours', Type: 'Response', Method: 'Handshake', Payload: {} }),
      request('2', 'Initialize', { ClientVersion: '5.4.0', Culture: 'en', RequestTimeout: '00:00:05' }),
      request('3', 'GetOperationClaims', {}),
      request('4', 'GetOperationClaims', { PackageSourceRepository: 'http://ours/', ServiceIndex: '{}' }),
      request('5', 'GetAuthenticationCredentials', { Uri: 'http://ours/nuget/', IsRetry: false }),
      request('6', 'GetAuthenticationCredentials', { Uri: 'http://theirs/nuget/', IsRetry: false }),
      request('7', 'Close'),
      request('8', 'SetLogLevel', { LogLevel: 'Debug' }),
    ],
    ours,
  )
  const said = answers.map(({ RequestId, Type, Payload }) => [RequestId, Type, Payload['ResponseCode'] ?? Payload])
  assert.deepEqual(said, [
    ['ours', 'Request', { ProtocolVersion: '2.0.0', MinimumProtocolVersion: '2.0.0' }],
    ['1', 'Response', 'Success'],
    ['2', 'Response', 'Success'],
    ['3', 'Response', { Claims: ['Authentication'] }],
    ['4', 'Response', { Claims: [] }],
    ['5', 'Response', 'Success'],
    ['6', 'Response', 'NotFound'],
  ])
  assert.deepEqual(answers[5]?.Payload, {
    ResponseCode: 'Success',
    Username: 'aws',
    Password: 'a-token',
    AuthenticationTypes: ['Basic'],
  })
})

test('Lines that are no JSON, unknown methods and a refusal by the server do not end the conversation', async () => {
  const refuse = () => Promise.reject(new Error('the server answers 403: no'))
  const lines = [
    'not json',
    request('1', 'PrefetchPackage'),
    request('2', 'GetAuthenticationCredentials', { Uri: 7 }),
    request('3', 'GetAuthenticationCredentials', { Uri: 'http://ours/nuget/' }),
  ]
  const [, fault, bad, refused] = await hear(lines, refuse)
  assert.deepEqual([fault?.Type, fault?.Payload['Message']], ['Fault', 'Packyard does not know PrefetchPackage'])
  assert.deepEqual(bad?.Payload, { ResponseCode: 'Error', Message: 'Uri: must be a text' })
  assert.deepEqual(refused?.Payload, { ResponseCode: 'Error', Message: 'the server answers 403: no' })
})
