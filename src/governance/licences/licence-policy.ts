import { invalid } from '../../registry/errors.ts'
import type { VersionFacts } from '../../registry/model.ts'
import { type Licence, parseLicence, type ReadIdentifier } from './expression.ts'
import { licenceAt } from './licence-names.ts'

/** How several licences of one version are meant: a choice between them, or all of them at once. */
export type SeveralLicences = 'any of them' | 'all of them'

/** What a version's own metadata says. Unknown where it says nothing. */
export function licenceOf(
  { licenses }: Pick<VersionFacts, 'licenses'>,
  several: SeveralLicences,
  readIdentifier: ReadIdentifier,
): Licence {
  const parts = licenses.map(({ name, url }) => readFact(name, url, readIdentifier))
  const [only] = parts
  if (!only) return { kind: 'unknown', text: '' }
  if (parts.length === 1) return only
  return { kind: several === 'any of them' ? 'any' : 'all', parts }
}

/** The name says it, or the address where the name means nothing. */
function readFact(name: string | undefined, url: string | undefined, readIdentifier: ReadIdentifier): Licence {
  const named = parseLicence(name ?? '', readIdentifier)
  if (named.kind !== 'unknown') return named
  const address = url ?? (/^https?:\/\//i.test(name ?? '') ? name : undefined)
  const there = address === undefined ? undefined : licenceAt(address)
  const found = parseLicence(there ?? '', readIdentifier)
  if (found.kind !== 'unknown') return found
  return named.text === '' && address !== undefined ? { kind: 'unknown', text: address.slice(0, 200) } : named
}

/** Which licences are allowed. Entries as `parseEntry` makes them. */
export interface LicencePolicy {
  /** Undefined: all but those denied. */
  readonly allow: readonly LicenceEntry[] | undefined
  readonly deny: readonly LicenceEntry[]
}

export type LicenceEntry =
  | { readonly kind: 'licence'; readonly id: string; readonly exception: string | undefined }
  /** Every licence whose identifier begins so. */
  | { readonly kind: 'family'; readonly start: string }
  /** What a publisher wrote, where that is no licence that SPDX knows. */
  | { readonly kind: 'name'; readonly text: string }

/** `MIT`, `GPL-*`, `GPL-2.0-only WITH Classpath-exception-2.0`, or `name:BSD License`. Throws `invalid`. */
export function parseEntry(field: string, text: string, readIdentifier: ReadIdentifier): LicenceEntry {
  if (/^name:.{1,200}$/.test(text)) return { kind: 'name', text: foldName(text.slice('name:'.length)) }
  if (/^[\w.-]{1,60}\*$/.test(text)) return { kind: 'family', start: text.slice(0, -1).toLowerCase() }
  const found = parseLicence(text, readIdentifier)
  if (found.kind === 'licence') return found
  const rule = 'must be an SPDX identifier, as MIT or GPL-2.0-only WITH Classpath-exception-2.0'
  throw invalid(field, text, `${rule}, the beginning of some, as GPL-*, or name: and what publishers write`)
}

export type LicenceVerdict = 'allowed' | 'denied' | 'unknown'

/**
 * All parts of AND must be allowed, one branch of OR is enough; what is unknown stays unknown unless the rest decides.
 */
export function judgeLicence(licence: Licence, policy: LicencePolicy): LicenceVerdict {
  switch (licence.kind) {
    case 'licence':
      return judgeIdentifier(licence.id, licence.exception, policy)
    case 'unknown':
      return judgeName(licence.text, policy)
    case 'all':
      return worst(licence.parts.map((part) => judgeLicence(part, policy)))
    case 'any':
      return best(licence.parts.map((part) => judgeLicence(part, policy)))
  }
}

/** What speaks of the licence with its exception counts more than what speaks of the licence. */
function judgeIdentifier(id: string, exception: string | undefined, { allow, deny }: LicencePolicy): LicenceVerdict {
  const isExact = (entry: LicenceEntry) => entry.kind === 'licence' && entry.id === id && entry.exception === exception
  if (deny.some(isExact)) return 'denied'
  if (allow?.some(isExact)) return 'allowed'
  const isMeant = (entry: LicenceEntry) => {
    if (entry.kind === 'family') return id.toLowerCase().startsWith(entry.start)
    return entry.kind === 'licence' && entry.exception === undefined && entry.id === id
  }
  if (deny.some(isMeant)) return 'denied'
  if (!allow || allow.some(isMeant)) return 'allowed'
  // Whoever may take a later version may also take this one.
  const only = id.replace(/-or-later$/, '-only').replace(/\+$/, '')
  return only !== id && judgeIdentifier(only, exception, { allow, deny: [] }) === 'allowed' ? 'allowed' : 'denied'
}

function judgeName(text: string, { allow, deny }: LicencePolicy): LicenceVerdict {
  const name = foldName(text)
  const isMeant = (entry: LicenceEntry) => entry.kind === 'name' && entry.text === name
  if (deny.some(isMeant)) return 'denied'
  return allow?.some(isMeant) ? 'allowed' : 'unknown'
}

function foldName(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ')
}

function worst(verdicts: readonly LicenceVerdict[]): LicenceVerdict {
  if (verdicts.includes('denied')) return 'denied'
  return verdicts.includes('unknown') ? 'unknown' : 'allowed'
}

function best(verdicts: readonly LicenceVerdict[]): LicenceVerdict {
  if (verdicts.includes('allowed')) return 'allowed'
  return verdicts.includes('unknown') ? 'unknown' : 'denied'
}
