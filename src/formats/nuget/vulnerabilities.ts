import type { Catalogue, CatalogueEntry, CatalogueRules } from '../../registry/catalogue.ts'
import type { PackageView } from '../../registry/view.ts'
import { listOf, objectOf, textOf } from '../json.ts'
import { openVersions } from './documents.ts'
import { normalizeRange } from './ranges.ts'

/** What a page says of one package. Source: NuGet documentation, "Vulnerability information". */
export interface Advisory {
  /** 0 to 3. */
  readonly severity: number
  readonly url: string
  /** A range, as `[1.0.0, 2.0.0)`. */
  readonly versions: string
}

/** By id, in lower case. */
export type Advisories = Readonly<Record<string, readonly Advisory[]>>

/** Who said it: an upstream's own pages, or its registrations, which were kept with the packages that came from it. */
export type VulnerabilityPage = 'base' | 'update'

export const vulnerabilityPages: readonly VulnerabilityPage[] = ['base', 'update']

/** A line for each package of an upstream's pages, and for each that is held here and told of by registrations only. */
export const vulnerabilityRules: CatalogueRules = {
  // No package can be called so.
  outside: { format: 'nuget', namespace: '', name: '.vulnerabilities' },
  head: '',
  describe,
  renderChange: ({ name }, _before, { items: [line] }) => `${line ?? renderLine(name, [], 'update')}\n`,
  readLines: (outside) => (Buffer.isBuffer(outside) ? renderOutside(outside) : Buffer.alloc(0)),
}

function renderLine(id: string, advisories: readonly Advisory[], page: VulnerabilityPage): string {
  return JSON.stringify([id, advisories, page])
}

function describe(view: PackageView): CatalogueEntry {
  const isOpen = view.versions.some(({ status }) => status === 'Published' || status === 'Unlisted')
  const advisories = (isOpen ? openVersions(view) : []).flatMap(({ version, entry }) => {
    return entry.vulnerabilities.map(({ advisoryUrl: url, severity }) => {
      return { severity: Number(severity), url, versions: `[${version}, ${version}]` }
    })
  })
  const items = advisories.length === 0 ? [] : [renderLine(view.name.name, advisories, 'update')]
  return { items, digest: '' }
}

/** Of an upstream's pages, as they were kept. */
function renderOutside(document: Buffer): Buffer {
  const advisories = objectOf(JSON.parse(document.toString('utf8')))['advisories']
  const lines = Object.entries(readAdvisories(advisories)).map(([id, each]) => `${renderLine(id, each, 'base')}\n`)
  return Buffer.from(lines.join(''))
}

/** Those that clients can read; total on any JSON. */
export function readAdvisories(value: unknown): Advisories {
  const known = Object.entries(objectOf(value)).map(([id, each]) => [id.toLowerCase(), readList(each)] as const)
  return Object.fromEntries(known.filter(([id, each]) => isId(id) && each.length > 0))
}

function isId(text: string): boolean {
  return /^[\w.-]{1,100}$/.test(text) && text !== '__proto__'
}

function readList(value: unknown): Advisory[] {
  return listOf(value).flatMap((each) => {
    const { severity, url, versions } = objectOf(each)
    const address = textOf(url)
    const range = normalizeRange(textOf(versions) ?? '-')
    const isKnown = address !== undefined && URL.canParse(address) && range !== undefined
    const level = Number(severity)
    return isKnown && [0, 1, 2, 3].includes(level) ? [{ severity: level, url: address, versions: range }] : []
  })
}

/** What stands on a page; of several lines for one package the last counts. */
export function renderVulnerabilityPage({ body }: Pick<Catalogue, 'body'>, page: VulnerabilityPage): string {
  const found = new Map<string, string>()
  for (const line of body.toString('utf8').split('\n')) {
    if (line === '') continue
    const [id, advisories, of] = JSON.parse(line) as [string, readonly Advisory[], VulnerabilityPage]
    if (of !== page) continue
    if (advisories.length === 0) found.delete(id)
    else found.set(id, JSON.stringify(advisories))
  }
  return `{${Array.from(found, ([id, advisories]) => `${JSON.stringify(id)}:${advisories}`).join(',')}}`
}
