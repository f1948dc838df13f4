import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { createUpstreamSource } from '../http/upstream/upstream-source.ts'
import { type RunningDelivery, startDeliveringEvents } from '../jobs/events/deliver-events.ts'
import { createAwsSender } from '../jobs/events/send-aws.ts'
import { createWebhookSender, destinationArn } from '../jobs/events/send-webhook.ts'
import type { Send } from '../jobs/events/sender.ts'
import type { EventsParts } from '../services/events/operation.ts'
import type { OpenedRegistry } from './registry.ts'

/** How long a webhook may take, well within the time after which another process would try. Unit: ms. Ours. */
const WEBHOOK_TIMEOUT_MS = { connect: 5_000, answer: 10_000 }

type EventConfig = Pick<Config, 'webhookHosts' | 'eventTargets' | 'httpProxy' | 'httpsProxy' | 'noProxy'>

export function startDelivery(
  config: EventConfig,
  { registry, keyring }: OpenedRegistry,
  onFailure: (error: unknown) => void,
): RunningDelivery {
  const { metadata, clock, randomId, arns } = registry
  const source = webhookSource(config, clock)
  const toWebhook = createWebhookSender({ db: metadata.db, seals: keyring, source, clock })
  const toAws = createAwsSender(config.eventTargets)
  const send: Send = (message, signal) =>
    destinationArn.test(message.target.arn) ? toWebhook(message, signal) : toAws(message, signal)
  return startDeliveringEvents({ metadata, clock, randomId, ...arns, send, random: Math.random, onFailure })
}

/** What answers rules and targets needs. */
export function eventsParts(
  { eventTargets }: Pick<Config, 'eventTargets'>,
  { registry, keyring }: OpenedRegistry,
  pageTokens: EventsParts['pageTokens'],
): EventsParts {
  return { registry, pageTokens, seals: keyring, endpoints: eventTargets, randomBytes }
}

/** One try and no redirect: what did not arrive is tried again later, by the rules of its target. */
function webhookSource(config: EventConfig, clock: () => number) {
  return createUpstreamSource({
    name: 'webhook',
    // No webhook is the operator's own host: every address but those allowed here is guarded.
    url: new URL('https://webhook.invalid/'),
    indexTtlMs: 0,
    allowedHosts: config.webhookHosts
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    proxy: { http: config.httpProxy, https: config.httpsProxy, none: config.noProxy },
    userAgent: 'packyard',
    limits: {
      connectTimeoutMs: WEBHOOK_TIMEOUT_MS.connect,
      headersTimeoutMs: WEBHOOK_TIMEOUT_MS.answer,
      totalTimeoutMs: WEBHOOK_TIMEOUT_MS.answer,
      attemptsMax: 1,
      redirectsMax: 0,
    },
    clock,
    random: Math.random,
  })
}
