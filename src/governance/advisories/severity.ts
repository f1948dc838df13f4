import { type Severity, severities } from '../../registry/advisories.ts'

/** How bad it is, in words and by CVSS. */
export interface Rating {
  readonly severity: Severity | undefined
  readonly score: number | undefined
  readonly vector: string | undefined
}

/** A vector's base score. Undefined for what is no vector, or says too little for one. */
type Score = (vector: string) => { readonly score: number; readonly version: number } | undefined

/** As much of the library as is used; its own types are lost on the way through its bundle. */
interface CvssLibrary {
  fromVector(text: string): CvssVector | null
}
interface CvssVector {
  isBaseFullyDefined(): boolean
  getVectorName(): string
  calculateScores(): { readonly base?: number }
}

/** Loaded when the first vector is looked at: it is half a megabyte. */
export async function loadCvss(): Promise<Score> {
  const { default: cvss } = (await import('ae-cvss-calculator')) as unknown as { default: CvssLibrary }
  return (text) => {
    try {
      const vector = cvss.fromVector(text)
      if (!vector?.isBaseFullyDefined()) return undefined
      const { base } = vector.calculateScores()
      const version = Number(/\d/.exec(vector.getVectorName())?.[0])
      return typeof base === 'number' && Number.isFinite(base) ? { score: base, version } : undefined
    } catch {
      return undefined
    }
  }
}

/** What people quote: the third version before the fourth and the second. Ours. */
const versionsInOrder = [3, 4, 2]

/**
 * The word of the database that wrote the record counts; without one, the worst of its vectors. Vectors that cannot be
 * read say nothing.
 */
export function rate(word: Severity | undefined, vectors: readonly string[], score: Score): Rating {
  const read = vectors.flatMap((vector) => {
    const found = score(vector)
    return found ? [{ vector, ...found }] : []
  })
  const [quoted] = read.toSorted((left, right) => placeOf(left.version) - placeOf(right.version))
  const worst = read.map((each) => severityOfScore(each.score, each.version)).toSorted(bySeverity)[0]
  return { severity: word ?? worst, score: quoted?.score, vector: quoted?.vector }
}

function placeOf(version: number): number {
  return versionsInOrder.indexOf(version)
}

/** Worst first. */
function bySeverity(left: Severity, right: Severity): number {
  return severities.indexOf(right) - severities.indexOf(left)
}

/** Source: CVSS v3.1 and v4.0, "Qualitative Severity Rating Scale"; for version 2 NVD's, which has no critical. */
function severityOfScore(score: number, version: number): Severity {
  if (score >= 9 && version > 2) return 'critical'
  if (score >= 7) return 'high'
  return score >= 4 ? 'moderate' : 'low'
}

/** As databases write it, in any case. */
export function readSeverity(text: unknown): Severity | undefined {
  if (typeof text !== 'string') return undefined
  const word = text.toLowerCase()
  return word === 'medium' ? 'moderate' : severities.find((each) => each === word)
}
