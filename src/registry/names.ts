import { invalid } from './errors.ts'

/** The package formats of the service, spelt as it spells them. Source: CodeArtifact service model, `PackageFormat`. */
export const formatIds = ['npm', 'pypi', 'maven', 'nuget', 'generic', 'ruby', 'swift', 'cargo'] as const
export type FormatId = (typeof formatIds)[number]

export type AccountId = string & { readonly brand: 'AccountId' }
export type DomainName = string & { readonly brand: 'DomainName' }
export type RepositoryName = string & { readonly brand: 'RepositoryName' }

/** A package's identity inside a repository. `namespace` is '' where there is none; npm's scope stands without its `@`. */
export interface PackageName {
  readonly format: FormatId
  readonly namespace: string
  readonly name: string
}

/** How one format names packages and versions. Every function throws `invalid` on text that breaks its rule. */
export interface NameRules {
  /** Source: CodeArtifact User Guide, per format: is a namespace absent, optional or required? */
  readonly namespace: 'none' | 'optional' | 'required'
  /** From the native spelling, as `@acme/widgets`. */
  parsePackage(text: string): PackageName
  /** From the two inputs of a CodeArtifact operation, normalised as the format does it. */
  fromInput(namespace: string | undefined, name: string): PackageName
  /** To the native spelling; also the `displayName` where the format has no other. */
  show(name: PackageName): string
  parseVersion(text: string): string
  /** For formats in which the publisher chooses the names of assets; normalised. */
  parseAsset?(text: string): string
  /** Lowest first. Must not throw on versions that only an upstream would accept. */
  compareVersions(left: string, right: string): number
  /** For formats with tags. */
  isPrerelease?(version: string): boolean
  /** The same order, but 0 for versions that are one however they are written; `compareVersions` itself unless said. */
  comparePrecedence?(left: string, right: string): number
}

/** Source of every pattern below: CodeArtifact service model, shapes of the same name. */
export function parseDomainName(text: string, field = 'domain'): DomainName {
  if (/^[a-z][a-z0-9-]{0,48}[a-z0-9]$/.test(text)) return text as DomainName
  throw invalid(field, text, 'must be 2 to 50 lower-case letters, digits or "-", starting with a letter')
}

export function parseRepositoryName(text: string, field = 'repository'): RepositoryName {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$/.test(text)) return text as RepositoryName
  throw invalid(field, text, 'must be 2 to 100 letters, digits, ".", "_" or "-"')
}

export function parseAccountId(text: string, field = 'domainOwner'): AccountId {
  if (/^[0-9]{12}$/.test(text)) return text as AccountId
  throw invalid(field, text, 'must be an account id of 12 digits')
}

export function parseFormatId(text: string, field = 'format'): FormatId {
  const found = formatIds.find((id) => id === text)
  if (found) return found
  throw invalid(field, text, `must be one of ${formatIds.join(', ')}`)
}

/** package, namespace and version of an operation: 1 to 255 characters without `#`, `/` or white space. */
export function parsePackageText(text: string, field: string): string {
  if (/^[^#/\s]{1,255}$/u.test(text)) return text
  throw invalid(field, text, 'must be 1 to 255 characters without "#", "/" or white space')
}

/** One string for a package inside a domain; sound as a map key, as no part may hold a '/'. */
export function packageKey(name: PackageName): string {
  return `${name.format}/${name.namespace}/${name.name}`
}
