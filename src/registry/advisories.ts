import type { AffectedVersions } from './affected-versions.ts'
import type { VersionFacts } from './model.ts'
import { type FormatId, type PackageName, packageKey } from './names.ts'

/** Lowest first. Source: the words that npm and the public advisories of GitHub use. */
export const severities = ['low', 'moderate', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** What an advisory counts as where nobody says how bad it is. Ours: to be looked at, and not to be passed over. */
export const ASSUMED_SEVERITY: Severity = 'high'

/** What is known of a vulnerability of one package. */
export interface Advisory {
  /** As its database calls it: `GHSA-35jh-r3h4-6jhm`. */
  readonly id: string
  /** What others call it: `CVE-2021-23337`. */
  readonly aliases: readonly string[]
  /** One line. */
  readonly summary: string
  /** Undefined where nobody says. */
  readonly severity: Severity | undefined
  /** By CVSS, 0 to 10, and the vector that it was made from. */
  readonly score: number | undefined
  readonly vector: string | undefined
  /** `CWE-77` */
  readonly cwes: readonly string[]
  readonly url: string
  /** Unit: ms since 1970. */
  readonly publishedAt: number
  readonly modifiedAt: number
  readonly affected: AffectedVersions
}

/** The part of a package's identity under which advisories are kept. */
export type AdvisorySubject = Pick<PackageName, 'namespace' | 'name'>

/** What the records of the OSV schema call a format's packages. */
export interface AdvisoryNames {
  /** Source: OSV schema, "Defined ecosystems". */
  readonly ecosystem: string
  /** From a record's text. Throws `invalid`. As the format parses native spellings, unless said. */
  parse?(text: string): AdvisorySubject
  /** What a version is called there, where its package's name does not say it; undefined: nobody can tell. */
  subjectOf?(facts: VersionFacts): AdvisorySubject | undefined
}

export interface SubjectAdvisories {
  readonly subject: AdvisorySubject
  readonly advisories: readonly Advisory[]
}

/** The advisories that are held here; the registry asks, and governance answers. */
export interface KnownAdvisories {
  /** By `subjectKey`; subjects without any are left out. */
  find(format: FormatId, subjects: readonly AdvisorySubject[]): Promise<ReadonlyMap<string, readonly Advisory[]>>
  /** Whether any were imported for the format: without them, nobody here knows better than others. */
  covers(format: FormatId): Promise<boolean>
  /** All that is known of a format: the same value for as long as nothing changes. Undefined where nothing is. */
  book(format: FormatId): Promise<AdvisoryBook | undefined>
}

/** Everything that is known of one format, for clients that ask for all of it. */
export interface AdvisoryBook {
  /** Unit: ms since 1970. */
  readonly changedAt: number
  /** Every package that has any, in the order of their names. */
  list(): AsyncIterable<SubjectAdvisories>
}

export function subjectKey({ namespace, name }: AdvisorySubject): string {
  return `${namespace}/${name}`
}

/** By `packageKey`. Undefined when nothing is known of the format. */
export async function findAdvisories(
  known: KnownAdvisories,
  format: FormatId,
  names: readonly PackageName[],
): Promise<ReadonlyMap<string, readonly Advisory[]> | undefined> {
  if (!(await known.covers(format))) return undefined
  const found = await known.find(format, names)
  return new Map(
    names.flatMap((name) => {
      const advisories = found.get(subjectKey(name))
      return advisories ? [[packageKey(name), advisories] as const] : []
    }),
  )
}
