import { setTimeout as sleep } from 'node:timers/promises'
import { HttpError, type Reply } from '../../http/call.ts'
import { RegistryError, type RegistryErrorKind } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { objectOf, textOf } from '../json.ts'
import { checkVersion, CONTENT_VERSION, created } from './replies.ts'

/** Longest that a client is let wait for an answer. Unit: s. Ours. */
const WAIT_MAX_S = 30

/** When a client should ask again what has come of a publish. Unit: s. Ours. */
const RETRY_AFTER_S = 1

/**
 * How long a client wants to wait at most before it is told that its publish goes on without it. Undefined for who waits to
 * the end, as SwiftPM does: it asks for an asynchronous answer without saying from when on, and never looks what came of it.
 * Unit: ms. Source: RFC 7240, 4.1 and 4.3.
 */
export function waitOf(prefer: string | undefined): number | undefined {
  const preferences = (prefer ?? '')
    .toLowerCase()
    .split(/[,;]/)
    .map((text) => text.trim())
  const wait = preferences
    .map((text) => /^wait\s*=\s*"?(\d{1,9})"?$/.exec(text)?.[1])
    .find((text) => text !== undefined)
  if (wait === undefined || !preferences.includes('respond-async')) return undefined
  return Math.min(Number(wait), WAIT_MAX_S) * 1000
}

interface Submitting {
  readonly name: PackageName
  readonly version: string
  /** Where the release will be. */
  readonly location: string
  readonly waitMs: number
  readonly work: () => Promise<void>
}

/** What is kept of a publish that nobody waited for. */
type Outcome =
  | { readonly kind: 'published'; readonly location: string }
  | { readonly kind: 'refused'; readonly error: RegistryErrorKind | number; readonly message: string }

/** 201 or the refusal, where it is known in time; else 202. Source: Swift Package Registry Service Specification, 4.6.3. */
export async function submit(call: PackageCall, session: RepositorySession, what: Submitting): Promise<Reply> {
  const { name, version, location, waitMs } = what
  const { id, done } = await session.submit(name, version, () => outcomeOf(what))
  const pending = Symbol('pending')
  const outcome = await Promise.race([done, sleep(waitMs, pending, { ref: false })])
  if (outcome !== pending) return replyOutcome(outcome, created(location))
  return accepted(`${call.endpoint}.submissions/${id}`, { 'Preference-Applied': 'respond-async' })
}

async function outcomeOf({ work, location }: Submitting): Promise<Outcome> {
  try {
    await work()
    return { kind: 'published', location }
  } catch (error) {
    if (error instanceof RegistryError) return { kind: 'refused', error: error.kind, message: error.message }
    if (error instanceof HttpError) return { kind: 'refused', error: error.status, message: error.message }
    throw error
  }
}

function accepted(location: string, more: Readonly<Record<string, string>>): Reply {
  return { status: 202, headers: { Location: location, 'Retry-After': RETRY_AFTER_S, ...CONTENT_VERSION, ...more } }
}

/** `GET .submissions/{id}`: 202 as long as it is not done, then where the release is, or why there is none. */
export async function readSubmission(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  checkVersion(call)
  const id = call.params['submission'] ?? ''
  const { state, outcome } = await session.submission(id)
  switch (state) {
    case 'pending':
      return accepted(call.endpoint + `.submissions/${id}`, {})
    case 'failed':
      throw new RegistryError('unavailable', `submission ${id} was not carried out; publish again`)
    case 'done': {
      const location = textOf(objectOf(outcome)['location']) ?? ''
      return replyOutcome(outcome, { status: 301, headers: { Location: location, ...CONTENT_VERSION } })
    }
  }
}

function replyOutcome(outcome: unknown, published: Reply): Reply {
  const told = outcome as Outcome
  if (told.kind === 'published') return published
  if (typeof told.error === 'number') throw new HttpError(told.error, told.message)
  throw new RegistryError(told.error, told.message)
}
