import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CodeartifactClient, ListDomainsCommand, ThrottlingException } from '@aws-sdk/client-codeartifact'
import { readCredentials } from '../support/aws.ts'
import { startPackyard } from '../support/packyard.ts'

const connections = { 'public:npmjs': 'http://127.0.0.1:9/' }

test('who asks an AWS API too often is told when to come back', async (t) => {
  const yard = await startPackyard(t, { processes: 1, connections, env: { PACKYARD_API_REQUESTS_PER_SECOND: '5' } })
  const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = '', AWS_ENDPOINT_URL = '' } = yard.env
  const credentials = readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE)
  const client = new CodeartifactClient({
    endpoint: AWS_ENDPOINT_URL,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  })
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => client.send(new ListDomainsCommand({}))))
  client.destroy()
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  assert.ok(refused.length >= 5 && refused.length <= 10, `${refused.length} of 20 were refused`)
  for (const error of refused) {
    assert.ok(error instanceof ThrottlingException)
    assert.deepEqual([error.$metadata.httpStatusCode, error.retryAfterSeconds], [429, 1])
  }
  await yard.sdk.send(new ListDomainsCommand({}))
})

test('a token that is used too often is refused until it has rested', async (t) => {
  const yard = await startPackyard(t, { processes: 1, connections, env: { PACKYARD_TOKEN_REQUESTS_PER_SECOND: '5' } })
  const endpoint = await yard.endpoint('main')
  const ping = (token: string) => fetch(`${endpoint}-/ping`, { headers: { authorization: `Bearer ${token}` } })
  const token = await yard.token()
  const answers = await Promise.all(Array.from({ length: 20 }, () => ping(token)))
  const refused = answers.filter(({ status }) => status === 429)
  assert.ok(refused.length >= 5 && refused.length <= 10, `${refused.length} of 20 were refused`)
  assert.ok(answers.every(({ status }) => status === 200 || status === 429))
  const [first] = refused
  assert.ok(first)
  assert.equal(first.headers.get('retry-after'), '1')
  assert.match(((await first.json()) as { error: string }).error, /5 requests per second/)
  assert.equal((await ping(await yard.token())).status, 200, 'another token has its own allowance')
})
