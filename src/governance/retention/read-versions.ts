import type { Selectable } from 'kysely'
import { findHolds, type HoldOf } from '../../registry/holds/find-holds.ts'
import type { Database } from '../../registry/lookup.ts'
import type { VersionOrigin, VersionStatus } from '../../registry/model.ts'
import type { FormatId, PackageName } from '../../registry/names.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { RepositoryVersionTable } from '../../storage/metadata/schema.ts'
import type { RetainedVersion } from './choose.ts'

/** Versions that are read together: a few milliseconds' work for a database in this process. Ours. */
const VERSIONS_AT_ONCE = 1_000

export interface RepositoryReading {
  readonly db: Database
  readonly formats: RegistryParts['formats']
  readonly domainId: string
  readonly repositoryId: string
  /** Repositories whose clients may be given what this one holds; itself too. */
  readonly leadingHere: readonly string[]
  /** When the run began. Unit: ms since 1970. */
  readonly now: number
}

export interface PackageKey extends PackageName {
  readonly id: string
}

/** Some versions of one package, the newest first; those that follow go on where they end. */
export interface VersionsPiece {
  readonly package: PackageKey
  readonly versions: readonly RetainedVersion[]
  readonly isLast: boolean
}

type Row = Selectable<RepositoryVersionTable>

/** In the order of the packages. A package of any size is read in pieces, all the others together. */
export async function* readVersions(
  reading: RepositoryReading,
  packages: readonly PackageKey[],
): AsyncGenerator<VersionsPiece> {
  const ids = packages.map(({ id }) => id)
  const some = reading.db.selectFrom('repository_versions').selectAll().where('package_id', 'in', ids)
  const rows = await some.limit(VERSIONS_AT_ONCE + 1).execute()
  if (rows.length > VERSIONS_AT_ONCE && packages.length > 1) {
    const half = Math.ceil(packages.length / 2)
    yield* readVersions(reading, packages.slice(0, half))
    yield* readVersions(reading, packages.slice(half))
    return
  }
  const only = packages[0]
  if (rows.length > VERSIONS_AT_ONCE && only) {
    yield* readLargePackage(reading, only)
    return
  }
  const known = await readKnown(reading, packages)
  const byPackage = Map.groupBy(rows, (row) => row.package_id)
  for (const each of packages) {
    const versions = (byPackage.get(each.id) ?? []).toSorted(newestFirst).map((row) => known.complete(each, row))
    yield { package: each, versions, isLast: true }
  }
}

async function* readLargePackage(reading: RepositoryReading, only: PackageKey): AsyncGenerator<VersionsPiece> {
  let last: Row | undefined
  for (;;) {
    const after = last
    const rows = await reading.db
      .selectFrom('repository_versions')
      .selectAll()
      .where('package_id', '=', only.id)
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb(eb.refTuple('published_at', 'version'), '<', eb.tuple(after!.published_at, after!.version)),
        ),
      )
      .orderBy('published_at', 'desc')
      .orderBy('version', 'desc')
      .limit(VERSIONS_AT_ONCE)
      .execute()
    const known = await readKnown(
      reading,
      [only],
      rows.map(({ version }) => version),
    )
    const isLast = rows.length < VERSIONS_AT_ONCE
    yield { package: only, versions: rows.map((row) => known.complete(only, row)), isLast }
    if (isLast) return
    last = rows.at(-1)
  }
}

/** What else must be known of these packages' versions, or of some of them. */
async function readKnown(reading: RepositoryReading, packages: readonly PackageKey[], versions?: readonly string[]) {
  const uses = await readUses(reading, packages, versions)
  const tags = await readTags(reading.db, packages)
  const holdsOf = await findHolds(reading.db, reading, packages, reading.now)
  const holds = new Map<string, HoldOf | undefined>(packages.map((each) => [each.id, holdsOf(each)]))
  return {
    complete(of: PackageKey, row: Row): RetainedVersion {
      const format = reading.formats.get(of.format)
      const key = keyOf(of.id, row.version)
      return {
        id: row.id,
        contentId: row.content_id,
        version: row.version,
        status: row.status as VersionStatus,
        origin: { type: row.origin_type as VersionOrigin['type'], entryPoint: row.entry_point ?? undefined },
        publishedAt: row.published_at,
        arrivedAt: row.created_at,
        lastUsedAt: uses.get(key),
        isTagged: tags.has(key),
        snapshot: format?.snapshotOf?.(row.version),
        isMutable: format?.isMutable?.(row.version) === true,
        hold: holds.get(of.id)?.(row.version),
      }
    },
  }
}

/** By the index of uses by name, however many repositories lead here. */
async function readUses(
  { db, leadingHere }: RepositoryReading,
  packages: readonly PackageKey[],
  versions: readonly string[] | undefined,
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('packages as package')
    .innerJoin('version_uses as use', (join) =>
      join
        .onRef('use.format', '=', 'package.format')
        .onRef('use.namespace', '=', 'package.namespace')
        .onRef('use.name', '=', 'package.name'),
    )
    .select(['package.id', 'use.version', (eb) => eb.fn.max<number>('use.used_at').as('used_at')])
    .where(
      'package.id',
      'in',
      packages.map(({ id }) => id),
    )
    .where('use.repository_id', 'in', leadingHere)
    .$if(versions !== undefined, (query) => query.where('use.version', 'in', versions!))
    .groupBy(['package.id', 'use.version'])
    .execute()
  return new Map(rows.map((row) => [keyOf(row.id, row.version), Number(row.used_at)]))
}

async function readTags(db: Database, packages: readonly PackageKey[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('package_tags')
    .select(['package_id', 'version'])
    .where(
      'package_id',
      'in',
      packages.map(({ id }) => id),
    )
    .execute()
  return new Set(rows.map((row) => keyOf(row.package_id, row.version)))
}

/** The packages of a repository after this one, by name. */
export async function readPackages(
  { db, repositoryId }: Pick<RepositoryReading, 'db' | 'repositoryId'>,
  after: { readonly format: string; readonly namespace: string; readonly name: string } | undefined,
  limit: number,
): Promise<PackageKey[]> {
  const rows = await db
    .selectFrom('packages')
    .select(['id', 'format', 'namespace', 'name'])
    .where('repository_id', '=', repositoryId)
    .$if(after !== undefined, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('format', 'namespace', 'name'), '>', eb.tuple(after!.format, after!.namespace, after!.name)),
      ),
    )
    .orderBy('format')
    .orderBy('namespace')
    .orderBy('name')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, format: row.format as FormatId }))
}

function keyOf(packageId: string, version: string): string {
  return `${packageId}\0${version}`
}

/** As the index by time has them. */
function newestFirst(left: Row, right: Row): number {
  return right.published_at - left.published_at || (left.version < right.version ? 1 : -1)
}
