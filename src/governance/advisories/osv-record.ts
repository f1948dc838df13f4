import type { RangeEvent } from '../../registry/affected-versions.ts'
import { refused } from '../../registry/errors.ts'
import type { Severity } from '../../registry/advisories.ts'
import { readSeverity } from './severity.ts'

/** A record of the OSV schema, as far as it is used. Source: OSV schema 1.7, ossf.github.io/osv-schema. */
export interface OsvRecord {
  readonly id: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly url: string
  readonly cwes: readonly string[]
  /** Unit: ms since 1970. */
  readonly publishedAt: number
  readonly modifiedAt: number
  readonly isWithdrawn: boolean
  readonly affected: readonly OsvAffected[]
}

export interface OsvAffected {
  /** Without what stands behind a colon, as in `Maven:https://repo.example`. */
  readonly ecosystem: string
  readonly name: string
  readonly ranges: readonly (readonly RangeEvent[])[]
  readonly versions: readonly string[]
  /** What the database says; undefined where it says nothing. */
  readonly severity: Severity | undefined
  readonly vectors: readonly string[]
}

/** Longest of the texts that are kept. Unit: characters. Ours. */
const SUMMARY_LENGTH_MAX = 300
const TEXT_LENGTH_MAX = 255
const URL_LENGTH_MAX = 1000

/** Most aliases, vectors and classes of weakness. Ours. */
const LIST_MAX = 64

/** Most packages of a record, ranges of a package, events of a range, listed versions. Ours; real ones have fewer. */
const AFFECTED_MAX = 20_000
const RANGES_MAX = 2_000
const EVENTS_MAX = 2_000
const VERSIONS_MAX = 100_000

type JsonObject = Readonly<Record<string, unknown>>

/** Throws `invalid`, with a sentence that says what is wrong with it. */
export function parseOsvRecord(value: unknown): OsvRecord {
  if (!isObject(value)) throw refused('a record must be a JSON object')
  const id = textOf(value['id'])
  if (id === undefined || !/^[A-Za-z0-9][\w.:+-]{0,99}$/.test(id)) throw refused('a record must have an id')
  const modifiedAt = timeOf(value['modified'])
  if (modifiedAt === undefined) throw refused(`${id} must say when it was modified`)
  const affected = listOf(value['affected'], AFFECTED_MAX, `${id} affects`)
  return {
    id,
    aliases: textsOf(value['aliases']),
    summary: summaryOf(value),
    url: urlOf(id, value['references']),
    cwes: textsOf(objectOf(value['database_specific'])['cwe_ids']),
    publishedAt: timeOf(value['published']) ?? modifiedAt,
    modifiedAt,
    isWithdrawn: timeOf(value['withdrawn']) !== undefined,
    affected: affected.flatMap((each) => readAffected(id, value, objectOf(each))),
  }
}

function readAffected(id: string, record: JsonObject, affected: JsonObject): OsvAffected[] {
  const { ecosystem, name } = objectOf(affected['package'])
  if (typeof ecosystem !== 'string' || typeof name !== 'string' || name === '') return []
  if (name.length > TEXT_LENGTH_MAX * 4) throw refused(`${id} names a package of ${name.length} characters`)
  const ranges = listOf(affected['ranges'], RANGES_MAX, `${id} has ranges:`).map(objectOf)
  const versions = listOf(affected['versions'], VERSIONS_MAX, `${id} lists versions:`)
  return [
    {
      ecosystem: ecosystem.split(':')[0] ?? '',
      name,
      // Ranges of commits say nothing of versions.
      ranges: ranges.filter(({ type }) => type !== 'GIT').map((range) => readEvents(id, range)),
      versions: versions.filter(
        (version) => typeof version === 'string' && version.length <= TEXT_LENGTH_MAX,
      ) as string[],
      ...ratingOf(id, record, affected),
    },
  ]
}

function readEvents(id: string, range: JsonObject): RangeEvent[] {
  const events = listOf(range['events'], EVENTS_MAX, `${id} has a range of`).map(objectOf)
  return events.flatMap((event) =>
    (['introduced', 'fixed', 'last_affected', 'limit'] as const).flatMap((kind) => {
      const version = event[kind]
      if (version === undefined) return []
      if (typeof version === 'string' && version !== '' && version.length <= TEXT_LENGTH_MAX) return [{ kind, version }]
      throw refused(`${id} has a range whose ${kind} is no version`)
    }),
  )
}

/** What is said of the package counts more than what is said of all packages of the record. */
function ratingOf(id: string, record: JsonObject, affected: JsonObject): Pick<OsvAffected, 'severity' | 'vectors'> {
  const own = [...vectorsOf(affected['severity']), ...textsOf([objectOf(affected['database_specific'])['cvss']])]
  const vectors = own.length > 0 ? own : vectorsOf(record['severity'])
  const words = [affected['ecosystem_specific'], affected['database_specific'], record['database_specific']]
  const said = words.map((each) => readSeverity(objectOf(each)['severity'])).find((word) => word !== undefined)
  // Where there is a vector, it says more than what the kind of a record implies.
  return { severity: said ?? (vectors.length === 0 ? impliedSeverity(id, affected) : undefined), vectors }
}

/** A malicious package is as bad as can be; that a crate is unmaintained is no vulnerability yet. */
function impliedSeverity(id: string, affected: JsonObject): Severity | undefined {
  if (id.startsWith('MAL-')) return 'critical'
  return typeof objectOf(affected['database_specific'])['informational'] === 'string' ? 'low' : undefined
}

function vectorsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return textsOf(value.map((each) => objectOf(each)['score']))
}

function summaryOf(record: JsonObject): string {
  const said = textOf(record['summary'])?.trim() || textOf(record['details'])?.trim() || ''
  const line = said
    .split('\n')
    .map((each) =>
      each
        .replace(/\p{C}+/gu, ' ')
        .replace(/^#+\s*/, '')
        .trim(),
    )
    .find((each) => each !== '')
  return (line ?? '').slice(0, SUMMARY_LENGTH_MAX)
}

/** Where a person reads more: what the record calls its advisory, else where its database shows it. */
function urlOf(id: string, references: unknown): string {
  if (id.startsWith('GHSA-')) return `https://github.com/advisories/${id}`
  const known = (Array.isArray(references) ? references : []).map(objectOf)
  const found = ['ADVISORY', 'WEB', 'REPORT']
    .flatMap((type) => known.filter((reference) => reference['type'] === type))
    .map(({ url }) => url)
    .find((url) => typeof url === 'string' && url.length <= URL_LENGTH_MAX && /^https?:/.test(url) && URL.canParse(url))
  return typeof found === 'string' ? found : `https://osv.dev/vulnerability/${encodeURIComponent(id)}`
}

function listOf(value: unknown, limit: number, what: string): readonly unknown[] {
  if (!Array.isArray(value)) return []
  if (value.length > limit) throw refused(`${what} ${value.length}, more than ${limit}`)
  return value
}

function textsOf(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.map(textOf) : []
  return texts
    .filter((text) => text !== undefined && text !== '' && text.length <= TEXT_LENGTH_MAX)
    .slice(0, LIST_MAX) as string[]
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(time) ? time : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
