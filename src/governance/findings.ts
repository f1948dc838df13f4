import { packageArn } from '../access/arns.ts'
import { recordDomainEvent } from '../journal/domain-events.ts'
import type { Notice, NoticeParts } from './notice.ts'
import { shownPackage } from './shown.ts'

/** What a rule in monitor mode would have held: counted, and announced the first time. */
export async function writeFinding(parts: NoticeParts, notice: Notice): Promise<void> {
  const { place, name, version, holds, message, at, count } = notice
  const [hold] = holds
  if (!hold) return
  const { domain } = place.topology
  const key = {
    rule_id: hold.rule.id,
    repository_id: place.node.id,
    format: name.format,
    namespace: name.namespace,
    name: name.name,
    version,
  }
  await parts.metadata.write(async (write) => {
    const columns = ['rule_id', 'repository_id', 'format', 'namespace', 'name', 'version'] as const
    const row = await write.tx
      .insertInto('governance_findings')
      .values({ ...key, reason: message, seen_count: count, first_seen_at: at, last_seen_at: at })
      .onConflict((conflict) =>
        conflict.columns(columns).doUpdateSet((eb) => ({
          seen_count: eb('governance_findings.seen_count', '+', count),
          last_seen_at: at,
          reason: message,
        })),
      )
      .returning('seen_count')
      .executeTakeFirstOrThrow()
    if (row.seen_count !== count) return
    await recordDomainEvent(
      write,
      { region: parts.arns.region, now: at, randomId: parts.randomId },
      {
        domain,
        detailType: 'Packyard Rule Observed',
        resources: [packageArn(parts.arns, domain, place.node.repository.name, name)],
        detail: {
          ...shownPackage(name),
          repositoryName: place.node.repository.name,
          packageVersion: version,
          ruleName: hold.rule.name,
          ruleKind: hold.rule.kind,
          reason: message,
        },
      },
    )
  })
}
