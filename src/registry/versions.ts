import type { PackageAddress, VersionAddress } from './addresses.ts'
import { inspectOnDemand } from './inspect-version.ts'
import { type Database, requirePackage } from './lookup.ts'
import type { VersionFacts, VersionOrigin } from './model.ts'
import { type Page, type PageRequest, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'
import { type VersionSummary, requireVersion, selectVersions, toSummary } from './version-rows.ts'

export interface VersionFilter {
  /** 'Deleted' is a status that no version has. */
  readonly status?: string | undefined
  readonly originType?: VersionOrigin['type'] | undefined
}

/** By version, byte-wise; or newest first. */
export type VersionOrder = 'version' | 'published-time'

export interface VersionList extends Page<VersionSummary> {
  /** What a person would be shown first; undefined when nothing is Published. */
  readonly defaultDisplayVersion: string | undefined
}

/** What the repository holds itself, whatever its status. Throws `missing`. */
export async function listVersions(
  parts: RegistryParts,
  address: PackageAddress,
  { filter, order }: { readonly filter: VersionFilter; readonly order: VersionOrder },
  page: PageRequest,
): Promise<VersionList> {
  const { db } = parts.metadata
  const { status, originType } = filter
  const { id } = (await requirePackage(db, address)).package
  const filtered = selectVersions(db, id)
    .$if(status !== undefined, (query) => query.where('held.status', '=', status!))
    .$if(originType !== undefined, (query) => query.where('held.origin_type', '=', originType!))
    .limit(page.size + 1)
  const sorted = order === 'version' ? byVersion(filtered, page) : byTime(filtered, page)
  const listed = toPage(await sorted.execute(), page.size, {
    keyOf: (row) => (order === 'version' ? [row.version] : [row.published_at, row.version]),
    itemOf: toSummary,
  })
  return { ...listed, defaultDisplayVersion: await defaultVersion(db, id) }
}

export interface DescribedVersion extends VersionSummary {
  readonly facts: VersionFacts
}

/** Throws `missing`. */
export async function describeVersion(parts: RegistryParts, address: VersionAddress): Promise<DescribedVersion> {
  const { db } = parts.metadata
  const found = await requireVersion(db, address)
  const { row } = found
  // Where an index says all that there is to say, nothing has to be read.
  if (parts.formats.get(address.package.format)?.mergeDocuments) await inspectOnDemand(parts, address.package, found)
  const { facts } = await db
    .selectFrom('version_contents')
    .select('facts')
    .where('id', '=', row.content_id)
    .executeTakeFirstOrThrow()
  return { ...toSummary(row), facts: JSON.parse(facts) as VersionFacts }
}

type VersionQuery = ReturnType<typeof selectVersions>

function byVersion(query: VersionQuery, { after }: PageRequest) {
  const rest = after === undefined ? query : query.where('held.version', '>', String(after[0]))
  return rest.orderBy('held.version')
}

function byTime(query: VersionQuery, { after }: PageRequest) {
  const [time = 0, version = ''] = after ?? []
  const rest =
    after === undefined
      ? query
      : query.where((eb) =>
          eb(eb.refTuple('held.published_at', 'held.version'), '<', eb.tuple(Number(time), String(version))),
        )
  return rest.orderBy('held.published_at', 'desc').orderBy('held.version', 'desc')
}

/** The tag `latest`, where the format has tags, else what was published last. Source: User Guide, "List versions". */
async function defaultVersion(db: Database, packageId: string): Promise<string | undefined> {
  const tagged = await db
    .selectFrom('package_tags as tag')
    .innerJoin('repository_versions as held', (join) =>
      join.onRef('held.package_id', '=', 'tag.package_id').onRef('held.version', '=', 'tag.version'),
    )
    .select('held.version')
    .where('tag.package_id', '=', packageId)
    .where('tag.tag', '=', 'latest')
    .where('held.status', '=', 'Published')
    .executeTakeFirst()
  if (tagged) return tagged.version
  const newest = await db
    .selectFrom('repository_versions')
    .select('version')
    .where('package_id', '=', packageId)
    .where('status', '=', 'Published')
    .orderBy('published_at', 'desc')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return newest?.version
}
