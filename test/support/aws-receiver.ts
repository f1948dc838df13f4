import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { sha256Hex } from '../../src/aws/payload.ts'
import { parseSignature } from '../../src/aws/signature.ts'
import { checkSignature, createSigningKeys, verifySignature } from '../../src/aws/sigv4.ts'
import { startPlainServer } from './plain-server.ts'
import type { Lifetime } from './upstream.ts'

export const receiverCredentials = { accessKeyId: 'AKIARECEIVER', secretAccessKey: 'secret-of-the-receiver' }

/** What a queue, a topic or a bus took. */
export interface TakenMessage {
  readonly service: Service
  readonly region: string
  readonly input: Readonly<Record<string, unknown>>
}

type Service = 'sqs' | 'sns' | 'events'

export interface AwsReceiver {
  /** Without a final slash. */
  readonly url: string
  readonly taken: readonly TakenMessage[]
}

/** Says with which error a message is refused; undefined when it is taken. */
type Refuse = (message: TakenMessage) => string | undefined

/**
 * A server that takes messages as SQS (JSON 1.0), SNS (query) and EventBridge (JSON 1.1) do, from whoever signs with
 * `receiverCredentials`. A group's deduplication id is heeded once. Sources: the API references of the three.
 */
export async function startAwsReceiver(t: Lifetime, refuse: Refuse = () => undefined): Promise<AwsReceiver> {
  const taken: TakenMessage[] = []
  const server = await startPlainServer(t, (request, response) => {
    void buffer(request).then((body) => {
      const service = serviceOf(request)
      const answer = answerFor(request, body, service, taken, refuse)
      response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body)
    })
  })
  return { url: server.url.href.replace(/\/$/, ''), taken }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

function serviceOf({ headers }: IncomingMessage): Service {
  const target = String(headers['x-amz-target'] ?? '')
  if (target === 'AmazonSQS.SendMessage') return 'sqs'
  return target === 'AWSEvents.PutEvents' ? 'events' : 'sns'
}

function answerFor(
  request: IncomingMessage,
  body: Buffer,
  service: Service,
  taken: TakenMessage[],
  refuse: Refuse,
): Answer {
  try {
    const region = verify(request, body, service)
    const message = { service, region, input: inputOf(service, body) }
    const code = refuse(message)
    if (code !== undefined) return failure(service, code, 'refused by the test')
    if (!taken.some((earlier) => isSame(earlier, message))) taken.push(message)
    return success(message)
  } catch (error) {
    return failure(service, 'SignatureDoesNotMatch', String(error))
  }
}

/** Answers the region that was signed for. Throws when the signature is not right. */
function verify(request: IncomingMessage, body: Buffer, service: Service): string {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const raw = { method: request.method ?? '', path, query, rawHeaders: request.rawHeaders }
  const signature = parseSignature(raw)
  if (signature.accessKeyId !== receiverCredentials.accessKeyId) throw new Error('the access key is unknown')
  checkSignature(raw, signature, service, Date.now())
  const key = createSigningKeys().derive(signature.accessKeyId, receiverCredentials.secretAccessKey, signature.scope)
  verifySignature(raw, signature, key, sha256Hex(body))
  return signature.scope.region
}

function inputOf(service: Service, body: Buffer): TakenMessage['input'] {
  if (service !== 'sns') return JSON.parse(body.toString()) as TakenMessage['input']
  return Object.fromEntries(new URLSearchParams(body.toString()))
}

function isSame({ input: one }: TakenMessage, { input: other }: TakenMessage): boolean {
  const id = one['MessageDeduplicationId']
  return id !== undefined && id === other['MessageDeduplicationId'] && one['QueueUrl'] === other['QueueUrl']
}

function success({ service, input }: TakenMessage): Answer {
  const id = '11111111-2222-3333-4444-555555555555'
  switch (service) {
    case 'sqs': {
      const MD5OfMessageBody = createHash('md5').update(String(input['MessageBody'])).digest('hex')
      return json('1.0', 200, { MessageId: id, MD5OfMessageBody })
    }
    case 'sns':
      return xml(200, `<PublishResponse><PublishResult><MessageId>${id}</MessageId></PublishResult></PublishResponse>`)
    case 'events':
      return json('1.1', 200, { FailedEntryCount: 0, Entries: [{ EventId: id }] })
  }
}

/** EventBridge refuses an entry inside an answer that is well. */
function failure(service: Service, code: string, message: string): Answer {
  if (service === 'sns') {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`
    return xml(400, `<ErrorResponse>${error}</ErrorResponse>`)
  }
  if (service === 'events' && code !== 'SignatureDoesNotMatch') {
    const entry = { ErrorCode: code, ErrorMessage: message }
    return json('1.1', 200, { FailedEntryCount: 1, Entries: [entry] })
  }
  return json(service === 'sqs' ? '1.0' : '1.1', 400, { __type: code, message })
}

function json(version: string, status: number, body: object): Answer {
  return { status, type: `application/x-amz-json-${version}`, body: JSON.stringify(body) }
}

function xml(status: number, body: string): Answer {
  return { status, type: 'text/xml', body }
}
