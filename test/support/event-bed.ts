import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { createKeyring } from '../../src/access/keyring.ts'
import { createUpstreamSource } from '../../src/http/upstream/upstream-source.ts'
import { type DeliveryEnd, type RunningDelivery, startDeliveringEvents } from '../../src/jobs/events/deliver-events.ts'
import { createWebhookSender } from '../../src/jobs/events/send-webhook.ts'
import { type ConnectionSecrets, putConnection } from '../../src/journal/bus/connections.ts'
import { putDestination } from '../../src/journal/bus/destinations.ts'
import { putRule } from '../../src/journal/bus/rules.ts'
import { putTarget, type TargetSettings } from '../../src/journal/bus/targets.ts'
import { until } from './processes.ts'
import { account, type TestRegistry } from './registry.ts'

export interface WebhookTarget {
  readonly name: string
  readonly url: string
  readonly settings?: TargetSettings
  readonly secrets?: Partial<ConnectionSecrets>
}

/** How long one that sends holds a message. */
const LEASE_MS = 60_000

/** Events of a registry on their way to real webhooks, by the registry's clock. */
export class EventBed {
  readonly registry: TestRegistry
  readonly failures: unknown[] = []
  readonly ends: DeliveryEnd[] = []
  readonly #seals = createKeyring(Buffer.alloc(32, 1), randomBytes)
  readonly #allowedHosts: string[] = []

  constructor(registry: TestRegistry) {
    this.registry = registry
  }

  /** A rule of this name for every event, with this webhook as its target. */
  async sendTo({ name, url, settings = {}, secrets = {} }: WebhookTarget): Promise<void> {
    const { metadata } = this.registry.parts
    const now = this.registry.now
    const named = { account, name, description: undefined, createdAt: now, updatedAt: now }
    const connection = { headers: {}, query: {}, signing: [{ secret: `whsec_${randomBytes(32).toString('base64')}` }] }
    const destination = { method: 'POST', perSecond: 100_000, endpoint: url, connectionName: name }
    const arn = `arn:aws:events:us-east-1:${account}:api-destination/${name}/${name}-destination`
    const rule = { pattern: '{"source":["aws.codeartifact"]}', state: 'ENABLED', roleArn: undefined } as const
    await metadata.write(async (write) => {
      const kind = secrets.oauth ? 'OAUTH_CLIENT_CREDENTIALS' : 'API_KEY'
      const made = {
        ...named,
        id: `${name}-connection`,
        kind,
        shown: {},
        secrets: { ...connection, ...secrets },
      } as const
      await putConnection(write, this.#seals, made)
      await putDestination(write, { ...named, ...destination, id: `${name}-destination`, connectionId: made.id })
      const ruleId = await putRule(write, { ...named, ...rule, newId: `${name}-rule`, now })
      await putTarget(write, { key: `${name}-target`, ruleId, id: '1', arn, settings })
    })
    this.allow(url)
  }

  /** Addresses of this machine are refused unless they are named. */
  allow(url: string): void {
    this.#allowedHosts.push(new URL(url).host)
  }

  /** Sends until the test has ended, as a process of a server does. `random`: 0 is the shortest wait, 1 the longest. */
  start(t: TestContext, random = 0.5): RunningDelivery {
    const { metadata, clock, randomId, arns } = this.registry.parts
    const source = createUpstreamSource({
      name: 'webhook',
      url: new URL('https://outside.invalid/'),
      indexTtlMs: 0,
      allowedHosts: this.#allowedHosts,
      limits: { attemptsMax: 1, redirectsMax: 0, totalTimeoutMs: 10_000 },
      clock,
      random: () => random,
    })
    const send = createWebhookSender({ db: metadata.db, seals: this.#seals, source, clock })
    const running = startDeliveringEvents({
      metadata,
      clock,
      randomId,
      ...arns,
      send,
      random: () => random,
      onEnd: (end) => this.ends.push(end),
      onFailure: (error) => this.failures.push(error),
    })
    t.after(() => running.stop())
    return running
  }

  /** What has not arrived, by target, line and sequence. */
  deliveries() {
    const rows = this.registry.parts.metadata.db.selectFrom('event_deliveries').selectAll()
    return rows.orderBy('target_key').orderBy('line').orderBy('sequence').execute()
  }

  /** Looks, and waits until nothing is on its way. */
  async settle(running: RunningDelivery): Promise<Awaited<ReturnType<EventBed['deliveries']>>> {
    await running.look()
    return until('deliveries to come to rest', async () => {
      const rows = await this.deliveries()
      const now = this.registry.now
      const isBusy = ({ due_at: dueAt }: (typeof rows)[number]) =>
        dueAt === now + LEASE_MS || (dueAt ?? Infinity) <= now
      return rows.some(isBusy) ? undefined : rows
    })
  }
}
