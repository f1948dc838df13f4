import { createHash, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Identity } from './identity.ts'
import type { Principal } from './principal.ts'
import type { Sessions } from './sessions.ts'

/** What somebody types to sign in. */
export interface GivenKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
}

export interface CheckedKey {
  readonly principal: Principal
  /** Whether the secret is the key's; the principal is only whose key was named. */
  readonly isRight: boolean
  /** Of temporary credentials. Unit: ms since 1970. */
  readonly expiresAt: number | undefined
}

export interface SignInParts {
  readonly identity: Pick<Identity, 'findAccessKey'>
  readonly sessions: Pick<Sessions, 'find'>
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

/** Undefined for a key that is unknown, inactive or has ended. */
export async function checkKey(parts: SignInParts, given: GivenKey): Promise<CheckedKey | undefined> {
  const { accessKeyId, secretAccessKey, sessionToken } = given
  if (sessionToken === undefined) {
    const key = await parts.identity.findAccessKey(accessKeyId)
    if (!key) return undefined
    return { principal: key.principal, isRight: isSame(key.secretAccessKey, secretAccessKey), expiresAt: undefined }
  }
  const session = await parts.sessions.find(accessKeyId)
  if (!session || parts.clock() >= session.expiresAt) return undefined
  const isRight = isSame(session.secretAccessKey, secretAccessKey) && session.isToken(sessionToken)
  return { principal: session.principal, isRight, expiresAt: session.expiresAt }
}

function isSame(left: string, right: string): boolean {
  const [first, second] = [left, right].map((text) => createHash('sha256').update(text).digest())
  return first !== undefined && second !== undefined && timingSafeEqual(first, second)
}

/** Attempts that one place has for one key, and for all keys, each minute; each process has its part of them. Ours. */
const ATTEMPTS_PER_MINUTE = { key: 10, address: 60 }
/** Places and keys remembered. Ours. */
const ENTRIES_MAX = 2_000
const MINUTE_MS = 60_000

/** Counts attempts that fail: whoever knows the secret may sign in as often as they like. */
export interface SignInLimit {
  /** Takes one attempt; answers how long to wait when there is none left. Unit: seconds. */
  take(remoteAddress: string, accessKeyId: string): number | undefined
  /** Gives back the attempt, which went well. */
  giveBack(remoteAddress: string, accessKeyId: string): void
}

interface Window {
  readonly begunAt: number
  attempts: number
}

/** `clock`: steady. Unit: ms. `processes`: how many share the attempts. */
export function createSignInLimit(clock: () => number, processes: () => number): SignInLimit {
  const windows = new LRUCache<string, Window>({ max: ENTRIES_MAX })
  const keyOf = (remoteAddress: string, accessKeyId: string) => `${remoteAddress} ${accessKeyId.slice(0, 128)}`
  const take = (key: string, max: number) => {
    const now = clock()
    const known = windows.get(key)
    const window = known && now - known.begunAt < MINUTE_MS ? known : { begunAt: now, attempts: 0 }
    windows.set(key, window)
    window.attempts++
    if (window.attempts <= Math.ceil(max / processes())) return undefined
    return Math.max(1, Math.ceil((window.begunAt + MINUTE_MS - now) / 1000))
  }
  return {
    take(remoteAddress, accessKeyId) {
      const byAddress = take(remoteAddress, ATTEMPTS_PER_MINUTE.address)
      return byAddress ?? take(keyOf(remoteAddress, accessKeyId), ATTEMPTS_PER_MINUTE.key)
    },
    giveBack(remoteAddress, accessKeyId) {
      for (const key of [remoteAddress, keyOf(remoteAddress, accessKeyId)]) {
        const window = windows.get(key)
        if (window && window.attempts > 0) window.attempts--
      }
    },
  }
}
