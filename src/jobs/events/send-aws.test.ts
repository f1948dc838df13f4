import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { receiverCredentials, startAwsReceiver } from '../../../test/support/aws-receiver.ts'
import { startPlainServer } from '../../../test/support/plain-server.ts'
import { type AwsEndpoint, createAwsSender, findEndpoint } from './send-aws.ts'
import { DeliveryError, type Message } from './sender.ts'

const queue = 'arn:aws:sqs:eu-west-1:111122223333:packages'
const topic = 'arn:aws:sns:us-east-1:111122223333:packages'
const bus = 'arn:aws:events:us-east-1:111122223333:event-bus/packages'
const event = {
  'detail-type': 'CodeArtifact Package Version State Change',
  source: 'aws.codeartifact',
  time: '2026-01-31T10:20:30Z',
  resources: ['arn:aws:codeartifact:us-east-1:111122223333:package/acme/main/npm//lib'],
  detail: { packageName: 'lib', sequenceNumber: 7 },
}
const never = new AbortController().signal

function messageTo(arn: string, more: Partial<Message> = {}, settings: Message['target']['settings'] = {}): Message {
  const target = { key: 'k', ruleId: 'r', id: '1', ruleName: 'builds', account: '111122223333', arn, settings }
  const delivery = {
    id: 'delivery-1',
    targetKey: 'k',
    account: '111122223333',
    eventId: 'e',
    line: 'package-1 1.0.0',
    sequence: 7,
    body: JSON.stringify(event),
    attempts: 1,
    createdAt: 0,
    dueAt: 0,
  }
  return { target, delivery, body: delivery.body, ...more }
}

function senderFor(arn: string, endpoint: AwsEndpoint) {
  return createAwsSender(new Map([[arn, { credentials: receiverCredentials, ...endpoint }]]))
}

async function send(t: TestContext, arn: string, message = messageTo(arn), endpoint: AwsEndpoint = {}) {
  const receiver = await startAwsReceiver(t)
  await senderFor(arn, { url: receiver.url, ...endpoint })(message, never)
  assert.equal(receiver.taken.length, 1)
  return { ...receiver.taken[0]!, url: receiver.url }
}

test('a queue gets the event as its message, signed for the region of the ARN', async (t) => {
  const { input, region, service, url } = await send(t, queue)
  assert.deepEqual([service, region], ['sqs', 'eu-west-1'])
  assert.equal(input['QueueUrl'], `${url}/111122223333/packages`)
  assert.deepEqual(JSON.parse(String(input['MessageBody'])), event)
  assert.equal(input['MessageGroupId'], undefined)
})

test('a FIFO queue gets a group per version and drops what it saw', async (t) => {
  const arn = `${queue}.fifo`
  const receiver = await startAwsReceiver(t)
  const deliver = senderFor(arn, { url: receiver.url })
  const other = { ...messageTo(arn).delivery, id: 'delivery-2', line: 'package-1 1.0.1' }
  for (const message of [messageTo(arn), messageTo(arn), messageTo(arn, { delivery: other })]) {
    await deliver(message, never)
  }
  const ids = receiver.taken.map(({ input }) => input['MessageDeduplicationId'])
  assert.deepEqual(ids, ['delivery-1', 'delivery-2'], 'the second time was dropped')
  const groups = new Set(receiver.taken.map(({ input }) => input['MessageGroupId']))
  assert.equal(groups.size, 2)
  for (const group of groups) assert.match(String(group), /^[0-9a-f]{64}$/)
})

test('a FIFO queue gets the group that its target names', async (t) => {
  const arn = `${queue}.fifo`
  const { input } = await send(t, arn, messageTo(arn, {}, { SqsParameters: { MessageGroupId: 'builds' } }))
  assert.equal(input['MessageGroupId'], 'builds')
})

test('a topic gets the event as its message; one that keeps order, with group and id', async (t) => {
  const plain = await send(t, topic)
  assert.deepEqual([plain.service, plain.region], ['sns', 'us-east-1'])
  assert.equal(plain.input['TopicArn'], topic)
  assert.deepEqual(JSON.parse(String(plain.input['Message'])), event)
  assert.equal(plain.input['MessageGroupId'], undefined)
  const ordered = await send(t, `${topic}.fifo`)
  assert.equal(ordered.input['MessageDeduplicationId'], 'delivery-1')
  assert.match(String(ordered.input['MessageGroupId']), /^[0-9a-f]{64}$/)
})

test('a bus gets the event with its own source and time, under another source where the operator says so', async (t) => {
  const { input } = await send(t, bus, messageTo(bus), { source: 'packyard.codeartifact', region: 'eu-north-1' })
  const [entry] = input['Entries'] as Record<string, unknown>[]
  assert.deepEqual(
    { ...entry, Detail: JSON.parse(String(entry?.['Detail'])) as unknown },
    {
      EventBusName: bus,
      Source: 'packyard.codeartifact',
      DetailType: event['detail-type'],
      Time: Date.parse(event.time) / 1000,
      Resources: event.resources,
      Detail: event.detail,
    },
  )
})

test('a bus gets what the target made of the event as its detail', async (t) => {
  const { input, region } = await send(t, bus, messageTo(bus, { body: '{"text":"lib"}' }))
  const [entry] = input['Entries'] as Record<string, unknown>[]
  assert.deepEqual([entry?.['Source'], entry?.['Detail'], region], ['aws.codeartifact', '{"text":"lib"}', 'us-east-1'])
})

for (const arn of [queue, topic, bus]) {
  test(`${arn}: a refusal and a wrong key fail with their reason, without the secret`, async (t) => {
    const { url } = await startAwsReceiver(t, () => 'ThrottledException')
    const secretAccessKey = 'another-secret-than-the-right-one'
    const attempts = [
      [senderFor(arn, { url }), /Throttled/],
      [senderFor(arn, { url, credentials: { ...receiverCredentials, secretAccessKey } }), /SignatureDoesNotMatch/],
    ] as const
    for (const [deliver, reason] of attempts) {
      await assert.rejects(deliver(messageTo(arn), never), (error) => {
        assert.ok(error instanceof DeliveryError)
        assert.match(error.message, reason)
        assert.equal(error.message.includes('secret'), false)
        return error.retry === 'yes'
      })
    }
  })
}

test('a queue that redirects inward is not followed, and its answer is a failure', async (t) => {
  const inward = await startPlainServer(t, (_request, response) => response.end('{}'))
  const redirecting = await startPlainServer(t, (_request, response) => {
    response.writeHead(307, { location: inward.url.href }).end()
  })
  const deliver = senderFor(queue, { url: redirecting.url.href })
  await assert.rejects(deliver(messageTo(queue), never), DeliveryError)
  assert.equal(inward.requests.length, 0)
})

test('a message that is stopped ends at once, with the reason that it was stopped for', async (t) => {
  const hanging = await startPlainServer(t, () => undefined)
  const stopping = new AbortController()
  const sending = senderFor(queue, { url: hanging.url.href })(messageTo(queue), stopping.signal)
  stopping.abort(new Error('the process is to end'))
  await assert.rejects(sending, /the process is to end/)
})

test('a client that could not be opened is opened anew for the next message', async () => {
  let opened = 0
  const deliver = createAwsSender(new Map([[queue, {}]]), async () => {
    opened++
    if (opened === 1) throw new Error('too many open files')
    return async () => undefined
  })
  await assert.rejects(deliver(messageTo(queue), never), /too many open files/)
  await deliver(messageTo(queue), never)
  await deliver(messageTo(queue), never)
  assert.equal(opened, 2, 'a client that works is kept')
})

test('an ARN that nobody named goes nowhere, and the longest pattern wins', async () => {
  await assert.rejects(createAwsSender(new Map())(messageTo(queue), never), /no endpoint is configured/)
  const endpoints = new Map([
    ['arn:aws:sqs:*', { region: 'far' }],
    ['arn:aws:sqs:eu-west-1:*:packages', { region: 'near' }],
  ])
  assert.equal(findEndpoint(endpoints, queue)?.region, 'near')
  assert.equal(findEndpoint(endpoints, `${queue}-2`)?.region, 'far')
})

test('a pattern of many asterisks is held against a long ARN in no time', () => {
  const pattern = `arn:aws:sqs:${'*a'.repeat(200)}*b`
  const startedAt = performance.now()
  assert.equal(findEndpoint(new Map([[pattern, {}]]), `arn:aws:sqs:${'a'.repeat(100_000)}`), undefined)
  assert.ok(performance.now() - startedAt < 2000)
})
