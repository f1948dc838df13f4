/** What workers ask of their primary, and what it answers. `id` is the worker's own number for its request. */
export type LockRequest =
  | { readonly packyardLock: 'acquire'; readonly id: number; readonly key: string }
  | { readonly packyardLock: 'release'; readonly id: number }

export interface LockGrant {
  readonly packyardLock: 'granted'
  readonly id: number
}

/** Other messages travel on the same channel. */
export function isLockRequest(message: unknown): message is LockRequest {
  const kind = kindOf(message)
  return kind === 'acquire' || kind === 'release'
}

export function isLockGrant(message: unknown): message is LockGrant {
  return kindOf(message) === 'granted'
}

function kindOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'packyardLock' in message ? message.packyardLock : undefined
}
