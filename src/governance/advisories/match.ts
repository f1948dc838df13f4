import {
  type Advisory,
  ASSUMED_SEVERITY,
  type KnownAdvisories,
  severities,
  subjectKey,
} from '../../registry/advisories.ts'
import { createAffectedTest } from '../../registry/affected-versions.ts'
import type { RegistryFormat } from '../../registry/format.ts'
import type { VersionFacts } from '../../registry/model.ts'
import type { FormatId, PackageName } from '../../registry/names.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'

export interface MatchParts {
  readonly metadata: Metadata
  readonly formats: ReadonlyMap<FormatId, RegistryFormat>
  readonly advisories: KnownAdvisories
}

/** Where to look: one repository, or all of a domain. */
export interface MatchScope {
  readonly domainId: string
  readonly repositoryId?: string | undefined
}

/** A version that is kept, and what is known against it. */
export interface AffectedVersion {
  readonly name: PackageName
  readonly version: string
  /** Ids of the repositories that keep it. */
  readonly repositoryIds: readonly string[]
  /** The worst first. */
  readonly advisories: readonly Advisory[]
}

/** Packages looked at together. Ours. */
const PACKAGES_AT_ONCE = 200

/** Every version that is kept and that an advisory is about, package by package. */
export async function* affectedVersions(parts: MatchParts, scope: MatchScope): AsyncGenerator<AffectedVersion> {
  for (const format of parts.formats.values()) {
    if (!format.advisories || !(await parts.advisories.covers(format.id))) continue
    let after = { namespace: '', name: '' }
    for (;;) {
      const page = await readPackages(parts, scope, format.id, after)
      const last = page.at(-1)
      if (!last) break
      yield* matchPackages(parts, scope, format, page)
      after = last
    }
  }
}

type Subject = Pick<PackageName, 'namespace' | 'name'>

/** The next names of a format, in order. */
async function readPackages(
  { metadata: { db } }: MatchParts,
  { domainId, repositoryId }: MatchScope,
  format: FormatId,
  after: Subject,
): Promise<readonly Subject[]> {
  const query = db.selectFrom('packages').select(['namespace', 'name']).distinct()
  const placed =
    repositoryId === undefined
      ? query.where('domain_id', '=', domainId)
      : query.where('repository_id', '=', repositoryId)
  return placed
    .where('format', '=', format)
    .where(({ eb, refTuple, tuple }) => eb(refTuple('namespace', 'name'), '>', tuple(after.namespace, after.name)))
    .orderBy('namespace')
    .orderBy('name')
    .limit(PACKAGES_AT_ONCE)
    .execute()
}

async function* matchPackages(
  parts: MatchParts,
  scope: MatchScope,
  format: RegistryFormat,
  page: readonly Subject[],
): AsyncGenerator<AffectedVersion> {
  const byAddress = format.advisories?.subjectOf !== undefined
  const known = byAddress ? undefined : await parts.advisories.find(format.id, page)
  for (const { namespace, name } of page) {
    const advisories = known?.get(subjectKey({ namespace, name }))
    if (!byAddress && !advisories) continue
    const versions = await readVersions(parts, scope, { format: format.id, namespace, name })
    yield* matchVersions(parts, format, { format: format.id, namespace, name }, versions, advisories)
  }
}

interface KeptVersion {
  readonly version: string
  readonly repositoryIds: readonly string[]
  readonly facts: VersionFacts
}

async function readVersions(
  { metadata: { db } }: MatchParts,
  { domainId, repositoryId }: MatchScope,
  { format, namespace, name }: PackageName,
): Promise<readonly KeptVersion[]> {
  const rows = await db
    .selectFrom('packages as p')
    .innerJoin('repository_versions as v', 'v.package_id', 'p.id')
    .innerJoin('version_contents as c', 'c.id', 'v.content_id')
    .select(['p.repository_id', 'v.version', 'c.facts'])
    .where('p.domain_id', '=', domainId)
    .where('p.format', '=', format)
    .where('p.namespace', '=', namespace)
    .where('p.name', '=', name)
    .$if(repositoryId !== undefined, (query) => query.where('p.repository_id', '=', repositoryId ?? ''))
    .where('v.status', '!=', 'Disposed')
    .orderBy('v.version')
    .orderBy('p.repository_id')
    .execute()
  return Array.from(
    Map.groupBy(rows, (row) => row.version),
    ([version, same]) => ({
      version,
      repositoryIds: same.map((row) => row.repository_id),
      facts: JSON.parse(same[0]?.facts ?? '{}') as VersionFacts,
    }),
  )
}

async function* matchVersions(
  parts: MatchParts,
  format: RegistryFormat,
  name: PackageName,
  versions: readonly KeptVersion[],
  advisories: readonly Advisory[] | undefined,
): AsyncGenerator<AffectedVersion> {
  const tests = new Map<Advisory, (version: string) => boolean>()
  const isAffected = (advisory: Advisory, version: string) => {
    const test = tests.get(advisory) ?? createAffectedTest(format.names, advisory.affected)
    tests.set(advisory, test)
    return test(version)
  }
  for (const { version, repositoryIds, facts } of versions) {
    const asked = advisories ?? (await adviceByFacts(parts, format, facts))
    const hit = asked.filter((advisory) => isAffected(advisory, version))
    if (hit.length > 0) yield { name, version, repositoryIds, advisories: worstFirst(hit) }
  }
}

async function adviceByFacts(
  { advisories }: MatchParts,
  format: RegistryFormat,
  facts: VersionFacts,
): Promise<readonly Advisory[]> {
  const subject = format.advisories?.subjectOf?.(facts)
  if (!subject) return []
  return (await advisories.find(format.id, [subject])).get(subjectKey(subject)) ?? []
}

export function worstFirst(advisories: readonly Advisory[]): readonly Advisory[] {
  const rank = ({ severity = ASSUMED_SEVERITY }: Advisory) => severities.indexOf(severity)
  return advisories.toSorted(
    (left, right) =>
      rank(right) - rank(left) || (right.score ?? 0) - (left.score ?? 0) || (left.id < right.id ? -1 : 1),
  )
}
