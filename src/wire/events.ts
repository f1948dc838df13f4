import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { type DeliverParts, type RunningDelivery, startDeliveringEvents } from '../jobs/events/deliver-events.ts'
import { createAwsSender } from '../jobs/events/send-aws.ts'
import { createWebhookSender, destinationArn } from '../jobs/events/send-webhook.ts'
import type { Send } from '../jobs/events/sender.ts'
import type { EventsParts } from '../services/events/operation.ts'
import { createOutsideSource } from './outside-source.ts'
import type { OpenedRegistry } from './registry.ts'

/** How long a webhook may take, well within the time after which another process would try. Unit: ms. Ours. */
const WEBHOOK_TIMEOUT_MS = { connect: 5_000, answer: 10_000 }

type EventConfig = Pick<Config, 'webhookHosts' | 'eventTargets' | 'httpProxy' | 'httpsProxy' | 'noProxy'>

export function startDelivery(
  config: EventConfig,
  { registry, keyring }: OpenedRegistry,
  told: Pick<DeliverParts, 'onEnd' | 'onFailure'>,
): RunningDelivery {
  const { metadata, clock, randomId, arns } = registry
  const allowedHosts = config.webhookHosts
  const source = createOutsideSource({ name: 'webhook', config, allowedHosts, limits: webhookLimits, clock })
  const toWebhook = createWebhookSender({ db: metadata.db, seals: keyring, source, clock })
  const toAws = createAwsSender(config.eventTargets)
  const send: Send = (message, signal) =>
    destinationArn.test(message.target.arn) ? toWebhook(message, signal) : toAws(message, signal)
  return startDeliveringEvents({ metadata, clock, randomId, ...arns, send, random: Math.random, ...told })
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
const webhookLimits = {
  connectTimeoutMs: WEBHOOK_TIMEOUT_MS.connect,
  headersTimeoutMs: WEBHOOK_TIMEOUT_MS.answer,
  totalTimeoutMs: WEBHOOK_TIMEOUT_MS.answer,
  attemptsMax: 1,
  redirectsMax: 0,
}
