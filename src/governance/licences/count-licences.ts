import type { RegistryFormat } from '../../registry/format.ts'
import type { VersionFacts } from '../../registry/model.ts'
import type { FormatId } from '../../registry/names.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { loadSpdx, renderLicence } from './expression.ts'
import { licenceOf } from './licence-policy.ts'

export interface LicenceCount {
  readonly format: FormatId
  /** As an SPDX expression; `unknown` where nothing is said, in quotes what nobody can tell the meaning of. */
  readonly licence: string
  readonly versions: number
}

export interface LicenceScope {
  readonly domainId: string
  readonly repositoryId?: string | undefined
}

/** Versions read at once. Ours. */
const ROWS_AT_ONCE = 1000

/** Versions that are kept, by licence, the most frequent first. Each counts once for each repository that keeps it. */
export async function countLicences(
  { metadata, formats }: { readonly metadata: Metadata; readonly formats: ReadonlyMap<FormatId, RegistryFormat> },
  scope: LicenceScope,
): Promise<readonly LicenceCount[]> {
  const readIdentifier = loadSpdx()
  const counts = new Map<string, { format: FormatId; licence: string; versions: number }>()
  for await (const { format, facts } of readFacts(metadata, scope)) {
    const several = formats.get(format)?.severalLicences ?? 'all of them'
    const licence = renderLicence(licenceOf(facts, several, readIdentifier))
    const key = `${format} ${licence}`
    const known = counts.get(key) ?? { format, licence, versions: 0 }
    known.versions += 1
    counts.set(key, known)
  }
  return [...counts.values()].toSorted(
    (left, right) => right.versions - left.versions || (left.licence < right.licence ? -1 : 1),
  )
}

async function* readFacts(
  { db }: Metadata,
  { domainId, repositoryId }: LicenceScope,
): AsyncGenerator<{ readonly format: FormatId; readonly facts: VersionFacts }> {
  const packages = db.selectFrom('packages').select(['id', 'format'])
  const placed =
    repositoryId === undefined
      ? packages.where('domain_id', '=', domainId)
      : packages.where('repository_id', '=', repositoryId)
  for (const { id, format } of await placed.orderBy('format').execute()) {
    let after = ''
    for (;;) {
      const rows = await db
        .selectFrom('repository_versions as v')
        .innerJoin('version_contents as c', 'c.id', 'v.content_id')
        .select(['v.version', 'c.facts'])
        .where('v.package_id', '=', id)
        .where('v.version', '>', after)
        .orderBy('v.version')
        .limit(ROWS_AT_ONCE)
        .execute()
      for (const { facts } of rows) yield { format: format as FormatId, facts: JSON.parse(facts) as VersionFacts }
      const last = rows.at(-1)
      if (!last || rows.length < ROWS_AT_ONCE) break
      after = last.version
    }
  }
}
