import type { Candidate, Hold, Judgement, PackageGate } from '../registry/gate.ts'
import type { PackageName } from '../registry/names.ts'
import type { RegistryParts } from '../registry/parts.ts'
import type { Place } from '../registry/resolve.ts'
import { type Decision, decisionFor } from './decision.ts'
import { readDecisions } from './decisions.ts'
import type { Judge, RuleKind, Subject } from './kind.ts'
import { ruleKinds } from './kinds.ts'
import { isInGroup, type Rule } from './rule.ts'
import { isOnTheWay, showScope } from './scope.ts'

type JudgeParts = Pick<RegistryParts, 'metadata' | 'clock'>

/** A rule that speaks of the package, ready to judge. */
interface SeatedRule {
  readonly rule: Rule
  readonly kind: RuleKind
  readonly judge: Judge
  readonly shownScope: string
}

/** The rules of a domain that speak of one package. Undefined when there are none. */
export async function openPackageGate(
  parts: JudgeParts,
  rules: readonly Rule[],
  place: Place,
  name: PackageName,
): Promise<PackageGate | undefined> {
  const { db } = parts.metadata
  const meant = rules.filter(({ scope }) => scope.type !== 'group' || isInGroup(scope.pattern, name))
  const seating = meant.map(async (rule): Promise<SeatedRule | undefined> => {
    const kind = ruleKinds.find(({ id }) => id === rule.kind)
    const judge = await kind?.gate?.(rule.parameters, { db, place, name })
    return kind && judge && { rule, kind, judge, shownScope: showScope(place.topology, rule.scope) }
  })
  const seated = (await Promise.all(seating)).filter((one) => one !== undefined)
  if (seated.length === 0) return undefined
  const decisions = (await readDecisions(db, place.topology.domain.id, name)).filter(({ repositoryId }) => {
    return repositoryId === '' || repositoryId === place.node.id
  })
  const wantsDates = seated.some(({ kind }) => kind.wantsDates)
  return { wantsDates, judge: (candidate) => judge({ parts, place, seated, decisions }, candidate) }
}

interface Court {
  readonly parts: JudgeParts
  readonly place: Place
  readonly seated: readonly SeatedRule[]
  readonly decisions: readonly Decision[]
}

/**
 * A break-glass lets a version pass every rule, an approval those whose kind says so. Of all others each is asked, and one
 * that holds is enough: the strictest wins.
 */
function judge({ parts, place, seated, decisions }: Court, candidate: Candidate): Judgement {
  const now = parts.clock()
  const decision = decisionFor(decisions, candidate.version, now, place.format.names.compareVersions)
  const subject: Subject = { ...candidate, decision, now, facts: () => place.format.facts(candidate.document) }
  const holds: Hold[] = []
  const observed: Hold[] = []
  let changesAt = decision?.expiresAt ?? Number.POSITIVE_INFINITY
  for (const { rule, kind, judge: ask, shownScope } of seated) {
    if (decision?.kind === 'break-glass' || (decision?.kind === 'approved' && kind.isApprovable)) continue
    const { scope } = rule
    if (scope.type === 'repository' && !isOnTheWay(place, scope.repositoryId, candidate.holder)) continue
    const verdict = ask(subject)
    if (verdict.kind === 'pass') {
      changesAt = Math.min(changesAt, verdict.changesAt ?? Number.POSITIVE_INFINITY)
      continue
    }
    const { reason, availableAt, isApprovable = kind.isApprovable } = verdict
    changesAt = Math.min(changesAt, availableAt ?? Number.POSITIVE_INFINITY)
    const { id, name, contact } = rule
    const hold: Hold = {
      rule: { id, name, kind: kind.id, scope: shownScope, contact },
      reason,
      availableAt,
      isApprovable,
    }
    if (rule.mode === 'enforce') holds.push(hold)
    else observed.push(hold)
  }
  return { holds: holds.sort(strictestFirst), observed, changesAt }
}

/** What no time and no approval ends, then what no time ends, then what ends last. */
function strictestFirst(left: Hold, right: Hold): number {
  const [one, other] = [left, right].map((hold) => hold.availableAt ?? Number.POSITIVE_INFINITY) as [number, number]
  const byApproval = Number(left.isApprovable) - Number(right.isApprovable)
  return (one === other ? 0 : other - one) || byApproval || (left.rule.name < right.rule.name ? -1 : 1)
}
