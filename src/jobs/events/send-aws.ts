import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { piecesMatcher } from '../../journal/pattern/text-search.ts'
import { DeliveryError, type Message, type Send } from './sender.ts'

/** How a queue, topic or bus is reached; the operator says which there are. */
export interface AwsEndpoint {
  /** Undefined: AWS's own. */
  readonly url?: string
  /** Undefined: the one in the ARN. */
  readonly region?: string
  /** Undefined: as AWS's SDK finds them, in variables, files and instance roles. */
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  /** Sent to buses in the place of `aws.codeartifact`, which AWS itself does not take from others. */
  readonly source?: string
}

/** By pattern of ARNs, in which `*` is anything. */
export type AwsEndpoints = ReadonlyMap<string, AwsEndpoint>

export interface AwsArn {
  readonly service: 'sqs' | 'sns' | 'events'
  readonly region: string
  readonly account: string
  readonly resource: string
}

export function parseAwsArn(arn: string): AwsArn | undefined {
  const [, service, region = '', account = '', resource = ''] =
    /^arn:[^:]+:(sqs|sns|events):([a-z0-9-]+):(\d{12}):(.+)$/.exec(arn) ?? []
  if (service !== 'sqs' && service !== 'sns' && service !== 'events') return undefined
  if (service === 'events' && !resource.startsWith('event-bus/')) return undefined
  return { service, region, account, resource }
}

/** The longest pattern that the ARN matches says how. */
export function findEndpoint(endpoints: AwsEndpoints, arn: string): AwsEndpoint | undefined {
  const matching = [...endpoints.keys()].filter((pattern) => piecesMatcher(pattern.split('*'))(arn))
  const [best] = matching.toSorted((left, right) => right.length - left.length)
  return best === undefined ? undefined : endpoints.get(best)
}

/** How long one attempt may take. Unit: ms. Ours. */
const TIMEOUT_MS = 10_000
/** Clients kept, each with its connections; the one used longest ago goes first. Ours. */
const CLIENTS_MAX = 100

/**
 * Queues, topics and buses, by AWS's own SDK. Its clients are loaded when the first message goes that way. What cannot
 * be opened is opened anew for the next message.
 */
export function createAwsSender(endpoints: AwsEndpoints, open = openClient): Send {
  const clients = new LRUCache<string, Promise<Put>>({ max: CLIENTS_MAX })
  const clientFor = (arn: string): Promise<Put> => {
    const known = clients.get(arn)
    if (known) return known
    const parsed = parseAwsArn(arn)
    const endpoint = findEndpoint(endpoints, arn)
    if (!parsed || !endpoint) throw new DeliveryError(`no endpoint is configured for ${arn}`)
    const opening = open(parsed, arn, endpoint)
    clients.set(arn, opening)
    opening.catch(() => clients.peek(arn) === opening && clients.delete(arn))
    return opening
  }
  return async (message, signal) => {
    const { arn } = message.target
    try {
      const put = await clientFor(arn)
      await put(message, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
    } catch (cause) {
      signal.throwIfAborted()
      if (cause instanceof DeliveryError) throw cause
      const { name, message: text } = cause instanceof Error ? cause : new Error('what was thrown is no error')
      throw new DeliveryError(`${arn}: ${name}: ${text.slice(0, 500)}`, { cause })
    }
  }
}

type Put = (message: Message, abortSignal: AbortSignal) => Promise<void>

function openClient(parsed: AwsArn, arn: string, endpoint: AwsEndpoint): Promise<Put> {
  const { url, credentials } = endpoint
  const settings = {
    region: endpoint.region ?? parsed.region,
    maxAttempts: 1,
    ...(url !== undefined && { endpoint: url }),
    ...(credentials && { credentials }),
  }
  switch (parsed.service) {
    case 'sqs':
      return openQueue(parsed, settings)
    case 'sns':
      return openTopic(arn, settings)
    case 'events':
      return openBus(arn, settings, endpoint.source)
  }
}

interface ClientSettings {
  readonly region: string
  readonly maxAttempts: number
  readonly endpoint?: string
  readonly credentials?: NonNullable<AwsEndpoint['credentials']>
}

async function openQueue({ account, resource, region }: AwsArn, settings: ClientSettings): Promise<Put> {
  const { SQSClient, SendMessageCommand } = await import('@aws-sdk/client-sqs')
  const client = new SQSClient(settings)
  const base = settings.endpoint ?? `https://sqs.${region}.amazonaws.com`
  const QueueUrl = `${base.replace(/\/$/, '')}/${account}/${resource}`
  return async (message, abortSignal) => {
    const group = message.target.settings.SqsParameters?.MessageGroupId
    const input = { QueueUrl, MessageBody: message.body, ...orderOf(resource, message, group) }
    await client.send(new SendMessageCommand(input), { abortSignal })
  }
}

async function openTopic(TopicArn: string, settings: ClientSettings): Promise<Put> {
  const { SNSClient, PublishCommand } = await import('@aws-sdk/client-sns')
  const client = new SNSClient(settings)
  return async (message, abortSignal) => {
    const input = { TopicArn, Message: message.body, ...orderOf(TopicArn, message, undefined) }
    await client.send(new PublishCommand(input), { abortSignal })
  }
}

/** Queues and topics that keep order do so by group, and drop what they saw. */
function orderOf(name: string, { delivery }: Message, group: string | undefined) {
  if (!name.endsWith('.fifo')) return {}
  const MessageGroupId = group ?? createHash('sha256').update(delivery.line).digest('hex')
  return { MessageGroupId, MessageDeduplicationId: delivery.id }
}

async function openBus(EventBusName: string, settings: ClientSettings, source: string | undefined): Promise<Put> {
  const { EventBridgeClient, PutEventsCommand } = await import('@aws-sdk/client-eventbridge')
  const client = new EventBridgeClient(settings)
  return async ({ body, delivery }, abortSignal) => {
    const event = JSON.parse(delivery.body) as Readonly<Record<string, string>> & {
      resources: string[]
      detail: object
    }
    const entry = {
      EventBusName,
      Source: source ?? event['source'],
      DetailType: event['detail-type'],
      Time: new Date(event['time'] ?? 0),
      Resources: event.resources,
      // What the target made of the event, where it made something of it.
      Detail: body === delivery.body ? JSON.stringify(event.detail) : body,
    }
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }), { abortSignal })
    const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined)
    if (refused) throw new DeliveryError(`${EventBusName}: ${refused.ErrorCode}: ${refused.ErrorMessage ?? ''}`)
  }
}
