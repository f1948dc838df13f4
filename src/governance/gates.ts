import { LRUCache } from 'lru-cache'
import type { Gates, PackageGate } from '../registry/gate.ts'
import type { PackageName } from '../registry/names.ts'
import type { Place } from '../registry/resolve.ts'
import type { NoticeParts } from './notice.ts'
import { createNotices } from './notices.ts'
import type { Rule } from './rule.ts'

/** Domains whose rules are kept in memory. Unit: domains. Ours. */
const DOMAINS_MAX = 200

interface DomainRules {
  /** The topology's: a change of a rule raises it. */
  readonly epoch: number
  /** Empty: nothing is paid here. */
  readonly rules: readonly Rule[]
}

/** The rules of all domains, as the registry asks them. What judges is loaded when there is a rule. */
export function createGates(parts: NoticeParts): Gates {
  const known = new LRUCache<string, DomainRules>({ max: DOMAINS_MAX })
  const notices = createNotices(parts)
  const load = async ({ topology }: Place): Promise<DomainRules> => {
    const rows = await parts.metadata.db
      .selectFrom('governance_rules')
      .selectAll()
      .where('domain_id', '=', topology.domain.id)
      .orderBy('name')
      .execute()
    const rules = rows.length === 0 ? [] : rows.map((await import('./rule.ts')).ruleOf)
    const read = { epoch: topology.epoch, rules }
    known.set(topology.domain.id, read)
    return read
  }
  const open = async ({ rules }: DomainRules, place: Place, name: PackageName): Promise<PackageGate | undefined> => {
    if (rules.length === 0) return undefined
    const { openPackageGate } = await import('./judge.ts')
    return openPackageGate(parts, rules, place, name)
  }
  return {
    of(place, name) {
      const found = known.get(place.topology.domain.id)
      if (found?.epoch !== place.topology.epoch) return load(place).then((read) => open(read, place, name))
      return found.rules.length === 0 ? undefined : open(found, place, name)
    },
    noteRefusal: notices.noteRefusal,
    noteObserved: notices.noteObserved,
    flush: notices.flush,
  }
}
