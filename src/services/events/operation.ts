import Type, { type Static, type TObject, type TProperties } from 'typebox'
import type { Caller } from '../../access/principal.ts'
import type { Seals } from '../../journal/bus/connections.ts'
import { BUS_NAME, type EventRule, findRule } from '../../journal/bus/rules.ts'
import { recordAudit } from '../../journal/audit.ts'
import type { AwsEndpoints } from '../../jobs/events/send-aws.ts'
import { journalClock } from '../../registry/call-journal.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { PageTokens } from '../../aws/page-token.ts'
import { decode } from '../codeartifact/decode.ts'
import type { Json11Request } from '../service.ts'

/** A transaction, as the registry's parts begin it. */
export type Write = Parameters<Parameters<RegistryParts['metadata']['write']>[0]>[0]

export interface EventsParts {
  readonly registry: RegistryParts
  readonly pageTokens: PageTokens
  readonly seals: Seals
  /** Queues, topics and buses that the operator lets targets name. */
  readonly endpoints: AwsEndpoints
  readonly randomBytes: (count: number) => Buffer
}

/** One call of an operation: decoded. What it is about is authorized by `authorize`. */
export interface EventsCall<Input> {
  readonly parts: EventsParts
  readonly registry: RegistryParts
  readonly caller: Caller
  readonly account: string
  readonly input: Input
  /** `rule/all` → the ARN. */
  arn(resource: string): string
  /** Throws `AccessDeniedError`. */
  authorize(resource: string): Promise<void>
  /** Writes, and the audit record with it. */
  change<T>(shown: Readonly<Record<string, unknown>>, work: (write: Write) => Promise<T>): Promise<T>
  page(
    limit: number | undefined,
    token: string | undefined,
  ): { readonly after: string | undefined; readonly limit: number }
  /** The part of what was found that fits on a page, and the token for the rest. */
  paged<Item extends { readonly name: string }>(found: readonly Item[], limit: number): Paged<Item>
}

export interface Paged<Item> {
  readonly items: readonly Item[]
  readonly next: { readonly NextToken?: string }
}

export interface EventsOperation {
  run(parts: EventsParts, name: string, request: Json11Request): Promise<object>
}

export interface EventsDefinition<Properties extends TProperties> {
  readonly input: Properties
  run(call: EventsCall<Static<TObject<Properties>>>): Promise<object>
}

/** Source: EventBridge API Reference, `Limit`. */
const PAGE_SIZE = 100

export function eventsOperation<Properties extends TProperties>(
  definition: EventsDefinition<Properties>,
): EventsOperation {
  const schema = Type.Object(definition.input)
  return {
    async run(parts, name, { caller, body }) {
      const { registry, pageTokens } = parts
      const account = caller.principal.accountId
      const input = decode(schema, { query: new Map(), body })
      const listing = { operation: `events:${name}`, filters: { account } }
      const { partition, region } = registry.arns
      return definition.run({
        parts,
        registry,
        caller,
        account,
        input,
        arn: (resource) => `arn:${partition}:events:${region}:${account}:${resource}`,
        async authorize(resource) {
          await registry.authorizer.prepare(resource)
          registry.authorizer.authorize(caller, `events:${name}`, resource)
        },
        change: (shown, work) =>
          registry.metadata.write(async (write) => {
            const result = await work(write)
            await recordAudit(write, journalClock(registry), caller, {
              eventSource: 'events.amazonaws.com',
              eventName: name,
              requestParameters: shown,
              recipientAccountId: account,
            })
            return result
          }),
        page: (limit, token) => ({
          after: token === undefined ? undefined : String(pageTokens.read(listing, token)[0]),
          limit: limit ?? PAGE_SIZE,
        }),
        paged(found, limit) {
          const items = found.slice(0, limit)
          const last = items.at(-1)
          const hasMore = found.length > limit && last !== undefined
          return { items, next: hasMore ? { NextToken: pageTokens.issue(listing, [last.name]) } : {} }
        },
      })
    },
  }
}

/** There is one bus per account; it may be named by its ARN. Throws `missing`. */
export function requireBus({ arn }: Pick<EventsCall<unknown>, 'arn'>, given: string | undefined): void {
  if (given === undefined || given === BUS_NAME || given === arn(`event-bus/${BUS_NAME}`)) return
  throw new RegistryError('missing', `Event bus ${given.slice(0, 200)} does not exist.`)
}

/** The rule, once the caller may. Throws `AccessDeniedError` or `missing`. */
export async function requireRule(
  call: EventsCall<{ readonly EventBusName?: string }>,
  ruleName: string,
): Promise<EventRule> {
  requireBus(call, call.input.EventBusName)
  await call.authorize(call.arn(`rule/${ruleName}`))
  const rule = await findRule(call.registry.metadata.db, call.account, ruleName)
  if (rule) return rule
  throw new RegistryError('missing', `Rule ${ruleName} does not exist on EventBus ${BUS_NAME}.`)
}
