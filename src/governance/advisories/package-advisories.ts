import { type Advisory, type AdvisorySubject, severities } from '../../registry/advisories.ts'
import { createAffectedTest } from '../../registry/affected-versions.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RegistryFormat } from '../../registry/format.ts'
import type { FormatId } from '../../registry/names.ts'
import type { OsvAffected, OsvRecord } from './osv-record.ts'
import { type loadCvss, rate } from './severity.ts'

/** One advisory on one package: what is stored. */
export interface PackageAdvisory {
  readonly format: FormatId
  readonly subject: AdvisorySubject
  readonly advisory: Advisory
}

export interface ReadingParts {
  /** By ecosystem. */
  readonly formats: ReadonlyMap<string, RegistryFormat>
  readonly score: Awaited<ReturnType<typeof loadCvss>>
}

export function formatsByEcosystem(formats: Iterable<RegistryFormat>): ReadonlyMap<string, RegistryFormat> {
  return new Map(
    Array.from(formats).flatMap((format) =>
      format.advisories ? [[format.advisories.ecosystem, format] as const] : [],
    ),
  )
}

/** What a record says of packages that can be held here. Nothing when it is withdrawn. */
export function packageAdvisories(record: OsvRecord, parts: ReadingParts): PackageAdvisory[] {
  if (record.isWithdrawn) return []
  const found = new Map<
    string,
    { readonly format: RegistryFormat; readonly subject: AdvisorySubject; all: OsvAffected[] }
  >()
  for (const affected of record.affected) {
    const format = parts.formats.get(affected.ecosystem)
    const subject = format && subjectOf(format, affected.name)
    if (!format || !subject) continue
    const key = `${format.id}/${subject.namespace}/${subject.name}`
    const known = found.get(key) ?? { format, subject, all: [] }
    known.all.push(affected)
    found.set(key, known)
  }
  return Array.from(found.values(), ({ format, subject, all }) => {
    return { format: format.id, subject, advisory: makeAdvisory(record, format, all, parts) }
  })
}

/** Undefined for a name that no package of the format can have: it is nobody's. */
function subjectOf({ advisories, names }: RegistryFormat, text: string): AdvisorySubject | undefined {
  try {
    const { namespace, name } = advisories?.parse?.(text) ?? names.parsePackage(text)
    return { namespace, name }
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'invalid') return undefined
    throw error
  }
}

function makeAdvisory(
  record: OsvRecord,
  format: RegistryFormat,
  all: readonly OsvAffected[],
  { score }: ReadingParts,
): Advisory {
  const { id, aliases, summary, url, cwes, publishedAt, modifiedAt } = record
  const ranges = all.flatMap((affected) => affected.ranges)
  const isInRange = createAffectedTest(format.names, { ranges, versions: [] })
  // Most databases list every version of a range too; what the range says need not be kept twice.
  const versions = [...new Set(all.flatMap((affected) => affected.versions))].filter((version) => !isInRange(version))
  const word = severities.findLast((severity) => all.some((affected) => affected.severity === severity))
  const rating = rate(word, [...new Set(all.flatMap((affected) => affected.vectors))], score)
  return { id, aliases, summary, ...rating, cwes, url, publishedAt, modifiedAt, affected: { ranges, versions } }
}
