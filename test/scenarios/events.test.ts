import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { receiverCredentials, startAwsReceiver } from '../support/aws-receiver.ts'
import { readCredentials, skipWithoutAws } from '../support/aws.ts'
import { sendJson11 } from '../support/json11.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { packyard } from '../support/users.ts'
import { startWebhook } from '../support/webhook-receiver.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const nextSecret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
const local = { env: { PACKYARD_WEBHOOK_HOSTS: '127.0.0.0/8' } }

interface CodeArtifactEvent {
  readonly account: string
  readonly detail: {
    readonly packageName: string
    readonly packageVersion: string
    readonly sequenceNumber: number
    readonly operationType: string
  }
}

interface Wanted {
  readonly name?: string
  readonly pattern?: object
  readonly target?: object
  /** Else as the SDKs ask, which takes a hundredth of the time. */
  readonly by?: 'AWS CLI'
}

/** A connection, an API destination, a rule and its target. */
async function sendTo(yard: Packyard, url: string, wanted: Wanted = {}): Promise<void> {
  const { name = 'builds', pattern = {}, target = {}, by } = wanted
  const call = by === undefined ? byWire(yard) : byCli(yard)
  const { ConnectionArn } = await call('CreateConnection', {
    Name: name,
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'webhook-signature', ApiKeyValue: secret } },
  })
  const endpoint = { ConnectionArn, HttpMethod: 'POST', InvocationEndpoint: url }
  const { ApiDestinationArn } = await call('CreateApiDestination', { Name: name, ...endpoint })
  await call('PutRule', { Name: name, EventPattern: JSON.stringify({ source: ['aws.codeartifact'], ...pattern }) })
  await call('PutTargets', { Rule: name, Targets: [{ Id: '1', Arn: ApiDestinationArn, ...target }] })
}

/** The first generation of the CLI takes an address on its command line for something to fetch. */
function byCli(yard: Packyard) {
  const command = (operation: string) => operation.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase()
  return (operation: string, input: object) =>
    yard.aws(`events ${command(operation)} --cli-input-json '${JSON.stringify(input)}'`)
}

function byWire(yard: Packyard) {
  const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = '' } = yard.env
  const credentials = readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE)
  return async (operation: string, input: object) => {
    const signer = { url: yard.url, region: 'us-east-1', credentials }
    const { status, body } = await sendJson11(signer, 'events', `AWSEvents.${operation}`, input)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }
}

async function npm(yard: Packyard): Promise<NpmWire> {
  return new NpmWire(await yard.endpoint('main'), await yard.token())
}

testOnEachSetup(
  'a webhook that fails at random gets every event, in order for each version',
  {
    skip: skipWithoutAws,
  },
  async (t, setup) => {
    let requests = 0
    const webhook = await startWebhook(t, () => {
      const failures = [200, 500, 'break', 200, 429, 200, 302] as const
      return failures[requests++ % failures.length] ?? 200
    })
    const yard = await setup.start({ ...local, processes: 2 })
    await sendTo(yard, webhook.url, {
      pattern: {
        'detail-type': ['CodeArtifact Package Version State Change'],
        detail: { packageName: [{ prefix: 'lib' }] },
      },
    })
    const wire = await npm(yard)
    assert.equal((await wire.publish('other@1.0.0')).status, 201)
    const names = ['lib-a', 'lib-b', 'lib-c']
    for (const name of names) assert.equal((await wire.publish(`${name}@1.0.0`)).status, 201)
    for (const name of names) {
      const version = `--domain packyard --repository main --format npm --package ${name} --versions 1.0.0`
      await yard.aws(`codeartifact update-package-versions-status ${version} --target-status Archived`)
      await yard.aws(`codeartifact delete-package-versions ${version}`)
    }
    const seen = await until(
      'nine events',
      () => {
        const events = webhook.taken().map(({ body }) => JSON.parse(body) as CodeArtifactEvent)
        const distinct = new Set(events.map(({ detail }) => `${detail.packageName} ${detail.sequenceNumber}`))
        return distinct.size === 9 ? events : undefined
      },
      120_000,
    )
    for (const name of names) {
      const own = seen.filter(({ detail }) => detail.packageName === name)
      const sequence = own.map(({ detail }) => detail.sequenceNumber)
      assert.deepEqual(
        sequence,
        sequence.toSorted((left, right) => left - right),
        name,
      )
      assert.deepEqual([...new Set(own.map(({ detail }) => detail.operationType))], ['Created', 'Updated', 'Deleted'])
    }
    assert.ok(seen.every(({ account }) => account === '000000000000'))
    for (const { body, headers } of webhook.requests) new Webhook(secret).verify(body, headers)
    const listed = await until('nothing on its way', async () => {
      const { stdout } = await packyard(yard, ['events', 'list', '--state', 'pending', '--output', 'json'])
      return stdout.includes('"deliveries": []') ? stdout : undefined
    })
    assert.ok(listed)
  },
)

test('a secret can be changed while messages come, transformed as the target says', {
  skip: skipWithoutAws,
}, async (t) => {
  const webhook = await startWebhook(t, () => 200)
  const yard = await startPackyard(t, local)
  const InputTransformer = {
    InputPathsMap: { name: '$.detail.packageName', version: '$.detail.packageVersion', changes: '$.detail.changes' },
    InputTemplate: '{"text": "<name>@<version> by <aws.events.rule-name>", "changes": <changes>}',
  }
  await sendTo(yard, webhook.url, { target: { InputTransformer } })
  const wire = await npm(yard)
  await wire.publish('@team/lib@1.0.0')
  const first = await until('a message', () => webhook.taken()[0])
  assert.deepEqual(JSON.parse(first.body), {
    text: 'lib@1.0.0 by builds',
    changes: { assetsAdded: 1, assetsRemoved: 0, assetsUpdated: 0, metadataUpdated: true, statusChanged: true },
  })
  new Webhook(secret).verify(first.body, first.headers)

  const ApiKeyAuthParameters = { ApiKeyName: 'webhook-signature', ApiKeyValue: nextSecret }
  await byWire(yard)('UpdateConnection', { Name: 'builds', AuthParameters: { ApiKeyAuthParameters } })
  await wire.publish('@team/lib@1.0.1')
  const second = await until('another message', () => webhook.taken()[1])
  for (const each of [secret, nextSecret]) new Webhook(each).verify(second.body, second.headers)
  yard.secret(secret)
  yard.secret(nextSecret)
  const { AuthParameters } = await byWire(yard)('DescribeConnection', { Name: 'builds' })
  assert.deepEqual(AuthParameters, { ApiKeyAuthParameters: { ApiKeyName: 'webhook-signature' } })
})

test('targets that hang, fail or point inward hold up nobody, and what they did not take is kept', async (t) => {
  const hanging = await startWebhook(t, () => 'hang')
  const failing = await startWebhook(t, () => 500)
  const sound = await startWebhook(t, () => 200)
  const port = new URL(sound.url).port
  // One port alone is allowed: every other address of this machine is refused.
  const hosts = [hanging, failing, sound].map(({ url }) => new URL(url).host).join(',')
  const yard = await startPackyard(t, { env: { PACKYARD_WEBHOOK_HOSTS: hosts } })
  const RetryPolicy = { MaximumRetryAttempts: 0 }
  await sendTo(yard, hanging.url, { name: 'hanging' })
  await sendTo(yard, failing.url, { name: 'failing', target: { RetryPolicy } })
  await sendTo(yard, `http://localhost:${port}/`, { name: 'inward', target: { RetryPolicy } })
  await sendTo(yard, sound.url, { name: 'sound' })
  const wire = await npm(yard)
  const startedAt = performance.now()
  for (let at = 0; at < 10; at++) assert.equal((await wire.publish(`lib@1.0.${at}`)).status, 201)
  const publishedMs = performance.now() - startedAt
  assert.ok(publishedMs < 8000, `ten publishes took ${publishedMs} ms`)
  await until('ten messages', () => (sound.taken().length >= 10 ? true : undefined), 30_000)

  const dead = await until(
    'dead letters of two targets',
    async () => {
      const { stdout } = await packyard(yard, ['events', 'list', '--state', 'dead', '--output', 'json'])
      const { deliveries } = JSON.parse(stdout) as { deliveries: { rule: string; lastError: string; id: string }[] }
      return deliveries.length === 20 ? deliveries : undefined
    },
    60_000,
  )
  const reasons = Map.groupBy(dead, ({ rule }) => rule)
  for (const { lastError } of reasons.get('failing') ?? []) assert.match(lastError, /answered 500/)
  for (const { lastError } of reasons.get('inward') ?? []) assert.match(lastError, /loopback address, which is refused/)

  await byWire(yard)('UpdateApiDestination', { Name: 'failing', InvocationEndpoint: sound.url })
  const replayed = await packyard(yard, ['events', 'replay', '--rule', 'failing'])
  assert.equal(replayed.code, 0, replayed.output)
  assert.match(replayed.output, /10 replayed/)
  await until('what was replayed', () => (sound.taken().length >= 20 ? true : undefined), 30_000)
})

test('a queue, a topic and a bus that verify signatures get what is published', async (t) => {
  const receiver = await startAwsReceiver(t)
  const arns = [
    'sqs:eu-west-1:111122223333:q',
    'sns:us-east-1:111122223333:t',
    'events:us-east-1:111122223333:event-bus/b',
  ]
  const endpoint = { url: receiver.url, ...receiverCredentials }
  const targets = Object.fromEntries(arns.map((arn) => [`arn:aws:${arn}`, endpoint]))
  const yard = await startPackyard(t, { env: { PACKYARD_EVENT_TARGETS: JSON.stringify(targets) } })
  yard.secret(receiverCredentials.secretAccessKey)
  const call = byWire(yard)
  await call('PutRule', { Name: 'all', EventPattern: '{"source":["aws.codeartifact"]}' })
  const Targets = arns.map((arn, at) => ({ Id: String(at), Arn: `arn:aws:${arn}`, InputPath: '$.detail.packageName' }))
  await call('PutTargets', { Rule: 'all', Targets })
  const wire = await npm(yard)
  await wire.publish('lib@1.0.0')
  const taken = await until('three messages', () => (receiver.taken.length === 3 ? receiver.taken : undefined), 30_000)
  const bodies = taken.map(({ input }) => {
    const [entry] = (input['Entries'] ?? []) as { Detail?: string }[]
    return input['MessageBody'] ?? input['Message'] ?? entry?.Detail
  })
  assert.deepEqual(bodies, ['"lib"', '"lib"', '"lib"'])
  assert.deepEqual(new Set(taken.map(({ service }) => service)), new Set(['sqs', 'sns', 'events']))
})

test('what an OAuth connection sends to its authorization server is shown without secrets', async (t) => {
  const yard = await startPackyard(t)
  const given = {
    ClientParameters: { ClientID: 'packyard', ClientSecret: yard.secret('the-secret-of-the-client') },
    AuthorizationEndpoint: 'https://issuer.example/token',
    HttpMethod: 'POST',
    OAuthHttpParameters: {
      BodyParameters: [
        { Key: 'audience', Value: 'ci', IsValueSecret: false },
        { Key: 'hidden', Value: yard.secret('the-secret-parameter'), IsValueSecret: true },
      ],
    },
  }
  const call = byWire(yard)
  const AuthParameters = { OAuthParameters: given }
  await call('CreateConnection', { Name: 'ci', AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS', AuthParameters })
  const { AuthParameters: shown } = await call('DescribeConnection', { Name: 'ci' })
  assert.deepEqual(shown, {
    OAuthParameters: {
      ...given,
      ClientParameters: { ClientID: 'packyard' },
      OAuthHttpParameters: {
        HeaderParameters: [],
        QueryStringParameters: [],
        BodyParameters: [
          { Key: 'audience', Value: 'ci', IsValueSecret: false },
          { Key: 'hidden', IsValueSecret: true },
        ],
      },
    },
  })
})

test('the AWS CLI is told what is wrong', { skip: skipWithoutAws }, async (t) => {
  const yard = await startPackyard(t)
  const mistakes: readonly (readonly [command: string, message: RegExp])[] = [
    [
      `put-rule --name r --event-pattern '{"detail":{"x":[{"numric":[1]}]}}'`,
      /InvalidEventPatternException.*detail\.x\[0\]\.numric/,
    ],
    [`put-rule --name r --schedule-expression 'rate(1 day)'`, /ValidationException.*ScheduleExpression/],
    ['describe-rule --name none', /ResourceNotFoundException.*Rule none does not exist on EventBus default/],
    ['put-targets --rule none --targets Id=1,Arn=arn:aws:sqs:us-east-1:1:q', /ResourceNotFoundException/],
    [`put-rule --name r --event-bus-name other --event-pattern '{"source":["x"]}'`, /ResourceNotFoundException.*other/],
  ]
  for (const [command, message] of mistakes) {
    const { code, output } = await yard.attemptAws(`events ${command}`)
    assert.notEqual(code, 0, command)
    assert.match(output, message)
  }
  await yard.aws(`events put-rule --name r --event-pattern '{"source":["aws.codeartifact"]}' --tags Key=a,Value=b`)
  const refused = await yard.attemptAws(
    'events put-targets --rule r --targets Id=1,Arn=arn:aws:sqs:us-east-1:000000000000:q',
  )
  assert.match(refused.output, /ValidationException.*must be named in the setting eventTargets/)
  const event = JSON.stringify({
    id: '1',
    account: '1',
    source: 'aws.codeartifact',
    time: '2026-01-31T10:20:30Z',
    region: 'r',
    resources: [],
    'detail-type': 'd',
    detail: { n: 5 },
  })
  const tested = await yard.aws(
    `events test-event-pattern --event-pattern '{"detail":{"n":[{"numeric":[">",1]}]}}' --event '${event}'`,
  )
  assert.deepEqual(tested, { Result: true })
  const { Rules } = await yard.aws('events list-rules')
  assert.deepEqual(Rules, [
    {
      Name: 'r',
      Arn: 'arn:aws:events:us-east-1:000000000000:rule/r',
      EventPattern: '{"source":["aws.codeartifact"]}',
      State: 'ENABLED',
      EventBusName: 'default',
    },
  ])
  await byWire(yard)('DisableRule', { Name: 'r' })
  assert.equal((await byWire(yard)('DescribeRule', { Name: 'r' }))['State'], 'DISABLED')
  const tags = await yard.aws(
    'events list-tags-for-resource --resource-arn arn:aws:events:us-east-1:000000000000:rule/r',
  )
  assert.deepEqual(tags, { Tags: [{ Key: 'a', Value: 'b' }] })
  await yard.aws('events delete-rule --name r')
  assert.deepEqual((await yard.aws('events list-rules'))['Rules'], [])
})
