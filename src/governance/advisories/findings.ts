import { type ArnContext, packageArn } from '../../access/arns.ts'
import { recordDomainEvent } from '../../journal/domain-events.ts'
import type { Advisory } from '../../registry/advisories.ts'
import { fixedVersions } from '../../registry/affected-versions.ts'
import type { DomainRow } from '../../registry/lookup.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import { type AffectedVersion, affectedVersions, type MatchParts } from './match.ts'

export interface FindingParts extends MatchParts {
  readonly arns: ArnContext & { readonly region: string }
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomId: () => string
}

/** A version that was asked for within this time is in use. Unit: ms. Ours: a release that is built each quarter is. */
const USED_WITHIN_MS = 90 * 86_400_000

export interface FindingFigures {
  /** Versions in use that an advisory is about, and those of them that were not known before. */
  readonly versions: number
  readonly announced: number
}

/**
 * Looks for advisories on versions in use: kept in a repository, and asked for lately. Each is announced once, with the
 * repositories that keep it; one that holds no longer is forgotten, so that it is announced again if it comes back.
 */
export async function announceFindings(parts: FindingParts, signal: AbortSignal): Promise<FindingFigures> {
  const figures = { versions: 0, announced: 0 }
  const domains = await parts.metadata.db.selectFrom('domains').selectAll().orderBy('id').execute()
  for (const domain of domains) {
    const startedAt = parts.clock()
    const names = await repositoryNames(parts, domain.id)
    for await (const affected of affectedVersions(parts, { domainId: domain.id })) {
      signal.throwIfAborted()
      if (!(await isInUse(parts, affected))) continue
      figures.versions += 1
      const repositories = affected.repositoryIds.flatMap((id) => names.get(id) ?? [])
      figures.announced += await parts.metadata.write((write) => note(write, parts, domain, { affected, repositories }))
    }
    await forgetOlder(parts, domain.id, startedAt)
  }
  return figures
}

async function repositoryNames({ metadata }: FindingParts, domainId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await metadata.db
    .selectFrom('repositories')
    .select(['id', 'name'])
    .where('domain_id', '=', domainId)
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

async function isInUse(
  { metadata, clock }: FindingParts,
  { name, version, repositoryIds }: AffectedVersion,
): Promise<boolean> {
  const row = await metadata.db
    .selectFrom('version_uses')
    .select('used_at')
    .where('repository_id', 'in', [...repositoryIds])
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
    .where('version', '=', version)
    .where('used_at', '>=', clock() - USED_WITHIN_MS)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

interface Found {
  readonly affected: AffectedVersion
  readonly repositories: readonly string[]
}

/** How many were news. */
async function note(write: Write, parts: FindingParts, domain: DomainRow, found: Found): Promise<number> {
  const { name, version, advisories } = found.affected
  let announced = 0
  for (const advisory of withoutAliases(advisories)) {
    const now = parts.clock()
    const key = {
      domain_id: domain.id,
      format: name.format,
      namespace: name.namespace,
      name: name.name,
      version,
      advisory_id: advisory.id,
    }
    const said = {
      severity: advisory.severity ?? null,
      repositories: JSON.stringify(found.repositories),
      seen_at: now,
    }
    const { found_at: foundAt, seen_at: seenAt } = await write.tx
      .insertInto('advisory_findings')
      .values({ ...key, ...said, found_at: now })
      .onConflict((conflict) =>
        conflict.columns(['domain_id', 'format', 'namespace', 'name', 'version', 'advisory_id']).doUpdateSet(said),
      )
      .returning(['found_at', 'seen_at'])
      .executeTakeFirstOrThrow()
    if (foundAt !== seenAt) continue
    announced += 1
    await announce(write, parts, domain, { ...found, advisory })
  }
  return announced
}

/** Several databases tell of one vulnerability: the one that stands first counts. */
function withoutAliases(advisories: readonly Advisory[]): readonly Advisory[] {
  const told = new Set<string>()
  return advisories.filter(({ id, aliases }) => {
    const names = [id, ...aliases]
    const isNew = !names.some((each) => told.has(each))
    for (const each of names) told.add(each)
    return isNew
  })
}

async function announce(
  write: Write,
  parts: FindingParts,
  domain: DomainRow,
  { affected, repositories, advisory }: Found & { readonly advisory: Advisory },
): Promise<void> {
  const { name, version } = affected
  const names = parts.formats.get(name.format)?.names
  const { arns, clock, randomId } = parts
  await recordDomainEvent(
    write,
    { region: arns.region, now: clock(), randomId },
    {
      domain,
      detailType: 'Packyard Vulnerability Found',
      resources: repositories.map((repository) => packageArn(arns, domain, repository, name)),
      detail: {
        packageFormat: name.format,
        packageNamespace: name.namespace === '' ? null : name.namespace,
        packageName: name.name,
        packageVersion: version,
        repositoryNames: repositories,
        advisoryId: advisory.id,
        aliases: advisory.aliases,
        severity: advisory.severity ?? null,
        score: advisory.score ?? null,
        summary: advisory.summary,
        url: advisory.url,
        fixedVersions: names ? fixedVersions(names, advisory.affected) : [],
      },
    },
  )
}

async function forgetOlder({ metadata }: FindingParts, domainId: string, before: number): Promise<void> {
  await metadata.write(async ({ tx }) => {
    const old = tx.deleteFrom('advisory_findings').where('domain_id', '=', domainId)
    await old.where('seen_at', '<', before).execute()
  })
}
