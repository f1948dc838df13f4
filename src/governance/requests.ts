import { packageArn } from '../access/arns.ts'
import { recordDomainEvent } from '../journal/domain-events.ts'
import { mergeAskers, type Notice, type NoticeParts } from './notice.ts'
import { shownPackage } from './shown.ts'

/** A refused client makes a request, or counts in the one that there is. One whose approval is over is pending again. */
export async function writeRequest(parts: NoticeParts, notice: Notice): Promise<void> {
  const { place, name, version, holds, message, at } = notice
  const { domain } = place.topology
  const about = {
    repository_id: place.node.id,
    format: name.format,
    namespace: name.namespace,
    name: name.name,
    version,
  }
  const id = parts.randomId()
  const ruleName = holds[0]?.rule.name ?? ''
  await parts.metadata.write(async (write) => {
    const counts = { state: 'pending', rule_name: ruleName, asked_count: 0, first_asked_at: at, last_asked_at: at }
    await write.tx
      .insertInto('approval_requests')
      .values({ id, domain_id: domain.id, ...about, ...counts, asked_by: '[]', reason: message, decision_id: null })
      .onConflict((conflict) =>
        conflict.columns(['repository_id', 'format', 'namespace', 'name', 'version']).doNothing(),
      )
      .execute()
    const row = await write.tx
      .selectFrom('approval_requests')
      .select(['id', 'state', 'asked_by'])
      .where('repository_id', '=', about.repository_id)
      .where('format', '=', about.format)
      .where('namespace', '=', about.namespace)
      .where('name', '=', about.name)
      .where('version', '=', version)
      .executeTakeFirstOrThrow()
    const askedBy = mergeAskers(notice, { askedBy: JSON.parse(row.asked_by) as string[] })
    await write.tx
      .updateTable('approval_requests')
      .set((eb) => ({
        asked_count: eb('asked_count', '+', notice.count),
        last_asked_at: at,
        asked_by: JSON.stringify(askedBy),
        reason: message,
        rule_name: ruleName,
        ...(row.state === 'pending' ? {} : { state: 'pending', decision_id: null }),
      }))
      .where('id', '=', row.id)
      .execute()
    if (row.id !== id && row.state === 'pending') return
    await recordDomainEvent(
      write,
      { region: parts.arns.region, now: at, randomId: parts.randomId },
      {
        domain,
        detailType: 'Packyard Approval Requested',
        resources: [packageArn(parts.arns, domain, place.node.repository.name, name)],
        detail: {
          ...shownPackage(name),
          requestId: row.id,
          repositoryName: place.node.repository.name,
          packageVersion: version,
          ruleName,
          reason: message,
          requestedBy: askedBy,
        },
      },
    )
  })
}
