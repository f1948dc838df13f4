import { resourceIdOf } from './addresses.ts'
import { RegistryError } from './errors.ts'
import type { Hold, Judgement } from './gate.ts'
import type { PackageName } from './names.ts'
import { addressOf } from './place.ts'
import type { Place } from './resolve.ts'

/** A version that a rule holds, or a package of which rules hold every version. */
export interface HeldThing {
  readonly name: PackageName
  /** Undefined: the package. */
  readonly version: string | undefined
  readonly holds: readonly Hold[]
}

/** What is held is refused. The message is the one explanation that clients, console and `explain` give. */
export class HeldError extends RegistryError {
  readonly held: HeldThing

  constructor(place: Pick<Place, 'topology' | 'node' | 'format'>, held: HeldThing) {
    const message = explainHolds(place.format.names.show(held.name), held.version, held.holds)
    const address = addressOf(place, held.name)
    const about =
      held.version === undefined
        ? ({ resourceType: 'package', resourceId: resourceIdOf(address) } as const)
        : ({
            resourceType: 'package-version',
            resourceId: resourceIdOf({ ...address, version: held.version }),
          } as const)
    super('denied', message, { ...about, explanation: message })
    this.held = held
  }
}

/** Throws `HeldError` where rules hold the version. */
export function checkHolds(place: Place, name: PackageName, version: string, judgement: Judgement | undefined): void {
  if (judgement && judgement.holds.length > 0) throw new HeldError(place, { name, version, holds: judgement.holds })
}

/** One line, what matters most first: some clients print no more than its first 200 characters. */
export function explainHolds(shownName: string, version: string | undefined, holds: readonly Hold[]): string {
  const [first, ...others] = holds
  if (!first) throw new Error('nothing is held')
  const what = version === undefined ? `every version of ${shownName}` : `${shownName} ${version}`
  const more = others.length === 0 ? [] : [`also held by ${others.map(({ rule }) => nameRule(rule)).join(', ')}`]
  const parts = [`${what} is held by rule ${nameRule(first.rule)}: ${first.reason}`, ...wayOut(holds), ...more]
  return `${parts.join('; ')}; applies to ${first.rule.scope}`
}

function nameRule({ kind, name }: Hold['rule']): string {
  return `'${name}' (${kind})`
}

/** When it becomes available, if time alone helps, and whom to ask. */
function wayOut(holds: readonly Hold[]): string[] {
  const availableAt = availableAtOf(holds)
  const contact = holds.find(({ rule }) => rule.contact !== '')?.rule.contact
  const isApprovable = holds.every((hold) => hold.isApprovable)
  const ask = contact ?? (isApprovable ? 'whoever approves packages here' : undefined)
  return [
    ...(availableAt === undefined ? [] : [`available on ${showTime(availableAt)}`]),
    ...(ask === undefined ? [] : [`${isApprovable ? 'ask for approval' : 'ask'}: ${ask}`]),
  ]
}

/** Undefined when one of them does not end by itself. */
function availableAtOf(holds: readonly Hold[]): number | undefined {
  const ends = holds.map((hold) => hold.availableAt ?? Number.POSITIVE_INFINITY)
  const last = Math.max(...ends)
  return Number.isFinite(last) ? last : undefined
}

/** To the second, in UTC. */
export function showTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}
