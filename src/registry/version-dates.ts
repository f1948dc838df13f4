import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { ExternalStop, Place } from './resolve.ts'
import { isUpstreamFailure, type UpstreamReader, type UpstreamSource } from './upstream.ts'

/** Versions of one package that an upstream is asked about at once, and one after the other. Ours. */
const ASKED_MAX = 64
const ASKED_AT_ONCE = 8

/** Rows of one statement. Ours. */
const ROWS_AT_ONCE = 50

/** Unit: ms since 1970, by version. */
type Dates = ReadonlyMap<string, number>

/**
 * When versions were published, where the upstream's index does not say it and its files do: learnt once, and kept. Of many
 * unknown ones the highest are asked for, as nobody waits for hundreds. Those that nobody could say are left out.
 */
export async function learnDates(
  parts: RegistryParts,
  { format }: Pick<Place, 'format'>,
  { source, content }: Pick<ExternalStop, 'source' | 'content'>,
  name: PackageName,
  only?: string,
): Promise<Dates> {
  const reader = format.upstream
  if (!reader?.readPublishedAt) return new Map()
  const versions = only === undefined ? [...content.versions.keys()] : [only]
  const known = await readDates(parts, source, name, only)
  const unknown = versions.filter((version) => !known.has(version))
  const asked = unknown.toSorted((left, right) => format.names.compareVersions(right, left)).slice(0, ASKED_MAX)
  const learnt = await askDates(reader, source, name, asked)
  if (learnt.size > 0) await writeDates(parts, source, name, learnt)
  return new Map([...known, ...learnt])
}

function keyOf({ name, url }: UpstreamSource): string {
  return `${name} ${url.href}`
}

async function readDates(
  { metadata }: RegistryParts,
  source: UpstreamSource,
  { format, namespace, name }: PackageName,
  only: string | undefined,
): Promise<Dates> {
  const rows = await metadata.db
    .selectFrom('upstream_version_dates')
    .select(['version', 'published_at'])
    .where('source', '=', keyOf(source))
    .where('format', '=', format)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .$if(only !== undefined, (query) => query.where('version', '=', only!))
    .execute()
  return new Map(rows.map((row) => [row.version, row.published_at]))
}

/** An upstream that can't be asked leaves them unknown. */
async function askDates(
  reader: UpstreamReader,
  source: UpstreamSource,
  name: PackageName,
  versions: readonly string[],
): Promise<Dates> {
  const learnt = new Map<string, number>()
  for (let at = 0; at < versions.length; at += ASKED_AT_ONCE) {
    const some = versions.slice(at, at + ASKED_AT_ONCE)
    const answers = await Promise.allSettled(
      some.map(async (version) => reader.readPublishedAt?.(source, name, version)),
    )
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'fulfilled' && answer.value !== undefined) learnt.set(some[index] ?? '', answer.value)
      if (answer.status === 'rejected' && !isUpstreamFailure(answer.reason)) throw answer.reason
    }
    if (answers.every(({ status }) => status === 'rejected')) break
  }
  return learnt
}

async function writeDates(
  { metadata }: RegistryParts,
  source: UpstreamSource,
  { format, namespace, name }: PackageName,
  learnt: Dates,
): Promise<void> {
  const rows = [...learnt].map(([version, publishedAt]) => {
    return { source: keyOf(source), format, namespace, name, version, published_at: publishedAt }
  })
  await metadata.write(async ({ tx }) => {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      await tx
        .insertInto('upstream_version_dates')
        .values(rows.slice(at, at + ROWS_AT_ONCE))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  })
}
