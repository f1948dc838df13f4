import { createHash } from 'node:crypto'
import { type Advisory, ASSUMED_SEVERITY } from '../../registry/advisories.ts'
import { type Stretch, stretchesOf } from '../../registry/affected-versions.ts'
import { npmNames } from './names.ts'

/** What npm reads of an advisory. Source: npm's own `metavuln-calculator`. */
export interface NpmAdvisory {
  /** A number, as npm's own registry has it. */
  readonly id: number
  readonly url: string
  readonly title: string
  readonly severity: string
  /** A range. */
  readonly vulnerable_versions: string
  readonly cwe: readonly string[]
  readonly cvss: { readonly score: number; readonly vectorString: string | null }
}

export function renderAdvisory(advisory: Advisory): NpmAdvisory {
  return {
    id: numberOf(advisory.id),
    url: advisory.url,
    title: advisory.summary === '' ? advisory.id : advisory.summary,
    severity: advisory.severity ?? ASSUMED_SEVERITY,
    vulnerable_versions: renderRange(advisory),
    cwe: advisory.cwes,
    cvss: { score: advisory.score ?? 0, vectorString: advisory.vector ?? null },
  }
}

/** The same for ever; 48 bits, which every client can tell apart. */
function numberOf(id: string): number {
  return createHash('sha256').update(id).digest().readUIntBE(0, 6)
}

/** As npm writes ranges; it holds prereleases against them like any other version. */
function renderRange({ affected }: Pick<Advisory, 'affected'>): string {
  const stretches = affected.ranges.flatMap((events) => stretchesOf(npmNames, events)).map(renderStretch)
  return [...stretches, ...affected.versions].join(' || ') || '<0.0.0-0'
}

function renderStretch({ from, until }: Stretch): string {
  const start = from === undefined ? [] : [`>=${from}`]
  const end = until === undefined ? [] : [`${until.kind === 'last' ? '<=' : '<'}${until.version}`]
  return [...start, ...end].join(' ') || '*'
}

/** Ranges of versions that are not affected any more; '' where there is none yet. */
export function renderPatched({ affected }: Pick<Advisory, 'affected'>): string {
  const ends = affected.ranges.flatMap((events) => stretchesOf(npmNames, events)).map(({ until }) => until)
  return ends.flatMap((until) => (until?.kind === 'before' ? [`>=${until.version}`] : [])).join(' || ')
}
