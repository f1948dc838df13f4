import { createHmac } from 'node:crypto'
import type { SigningSecret } from '../../journal/bus/connections.ts'

/** How long a secret that was replaced still signs beside the new one. Unit: ms. Ours. */
const SECRET_OVERLAP_MS = 86_400_000

const PREFIX = 'whsec_'
/** Unit: bytes. Source: Standard Webhooks, "Signature scheme". */
const SECRET_BYTES = { least: 24, most: 64, made: 32 }

export interface WebhookMessage {
  /** The same for every attempt. */
  readonly id: string
  /** Of this attempt. Unit: ms since 1970. */
  readonly now: number
  readonly body: string
}

/** Source: Standard Webhooks, "Webhook headers" and "Signature scheme": symmetric, one signature per living secret. */
export function signWebhook(secrets: readonly SigningSecret[], { id, now, body }: WebhookMessage) {
  const timestamp = Math.floor(now / 1000)
  const living = secrets.filter(({ until }) => until === undefined || until > now)
  const signatures = living.map(({ secret }) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
}

export function makeSigningSecret(randomBytes: (count: number) => Buffer): string {
  return PREFIX + randomBytes(SECRET_BYTES.made).toString('base64')
}

export function isSigningSecret(text: string): boolean {
  if (!text.startsWith(PREFIX) || !/^[A-Za-z0-9+/]+={0,2}$/.test(text.slice(PREFIX.length))) return false
  const { length } = Buffer.from(text.slice(PREFIX.length), 'base64')
  return length >= SECRET_BYTES.least && length <= SECRET_BYTES.most
}

/** The new secret in front; those before it sign for a while longer, unless they are the same. */
export function rotateSecrets(before: readonly SigningSecret[], secret: string, now: number): SigningSecret[] {
  const older = before
    .filter((each) => each.secret !== secret && (each.until === undefined || each.until > now))
    .map((each) => ({ secret: each.secret, until: each.until ?? now + SECRET_OVERLAP_MS }))
  return [{ secret }, ...older]
}
