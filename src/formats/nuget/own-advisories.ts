import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Advisory, type AdvisoryBook, ASSUMED_SEVERITY, severities } from '../../registry/advisories.ts'
import { type Stretch, stretchesOf } from '../../registry/affected-versions.ts'
import type { ReadyIndex } from '../../registry/session.ts'
import { nugetNames } from './names.ts'
import { normalizeRange } from './ranges.ts'

const compress = promisify(gzip)

/** What the page of the advisories that are held here is called. */
export const OWN_PAGE = 'packyard'

/** Pages live as long as what they were made of. */
const ready = new WeakMap<AdvisoryBook, Promise<ReadyIndex>>()

/** What is known here of all packages. Source: NuGet documentation, "Vulnerability information". */
export function ownPage(book: AdvisoryBook): Promise<ReadyIndex> {
  const page = ready.get(book) ?? makePage(book)
  ready.set(book, page)
  return page
}

async function makePage(book: AdvisoryBook): Promise<ReadyIndex> {
  const entries: string[] = []
  for await (const { subject, advisories } of book.list()) {
    const lines = advisories.flatMap(renderAdvisory)
    if (lines.length > 0) entries.push(`${JSON.stringify(subject.name)}:${JSON.stringify(lines)}`)
  }
  const identity = Buffer.from(`{${entries.join(',')}}`)
  return {
    contentType: 'application/json',
    etag: `W/"${createHash('sha256').update(identity).digest('base64url')}"`,
    lastModified: book.changedAt,
    identity,
    gzip: identity.length < 1000 ? undefined : await compress(identity),
    isStale: false,
  }
}

/** A line for each range, in the only words that clients know. */
function renderAdvisory({ affected, severity, url }: Advisory): object[] {
  const stretches = affected.ranges.flatMap((events) => stretchesOf(nugetNames, events)).map(renderStretch)
  const ranges = [...stretches, ...affected.versions.map((version) => `[${version}, ${version}]`)]
  return ranges.flatMap((range) => {
    const versions = normalizeRange(range)
    return versions === undefined ? [] : [{ severity: severities.indexOf(severity ?? ASSUMED_SEVERITY), url, versions }]
  })
}

function renderStretch({ from, until }: Stretch): string {
  const start = from === undefined ? '(' : `[${from}`
  if (until === undefined) return `${start}, )`
  return `${start}, ${until.version}${until.kind === 'last' ? ']' : ')'}`
}
