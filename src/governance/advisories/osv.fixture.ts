/** Fields of a record that a test cares about. */
export interface GivenRecord {
  readonly id: string
  readonly ecosystem?: string
  readonly name?: string
  readonly aliases?: readonly string[]
  /** Events of one range. */
  readonly events?: readonly Readonly<Record<string, string>>[]
  readonly versions?: readonly string[]
  /** As databases write it, as `HIGH`. */
  readonly severity?: string
  readonly vectors?: readonly { readonly type: string; readonly score: string }[]
  readonly summary?: string
  readonly withdrawn?: string
}

/** A record of the OSV schema. */
export function osvRecord(given: GivenRecord): object {
  const { id, ecosystem = 'npm', name = 'lodash', events = [{ introduced: '0' }, { fixed: '4.17.21' }] } = given
  return {
    schema_version: '1.6.0',
    id,
    modified: '2024-04-16T18:23:33Z',
    published: '2021-05-06T16:05:51Z',
    summary: given.summary ?? 'Command Injection',
    details: 'More of it.\n\nAnd more.',
    ...(given.aliases && { aliases: given.aliases }),
    ...(given.withdrawn && { withdrawn: given.withdrawn }),
    ...(given.vectors && { severity: given.vectors }),
    affected: [
      {
        package: { ecosystem, name },
        ranges: [
          { type: 'GIT', repo: 'https://example.com/x.git', events: [{ introduced: '0' }] },
          { type: 'ECOSYSTEM', events },
        ],
        ...(given.versions && { versions: given.versions }),
      },
    ],
    database_specific: { cwe_ids: ['CWE-77'], ...(given.severity && { severity: given.severity }) },
    references: [
      { type: 'WEB', url: 'https://example.com/web' },
      { type: 'ADVISORY', url: `https://example.com/${id}` },
    ],
  }
}

/** As the public exports are: one record a file. */
export function osvEntries(records: readonly GivenRecord[]): { readonly path: string; readonly content: string }[] {
  return records.map((record) => ({ path: `${record.id}.json`, content: JSON.stringify(osvRecord(record)) }))
}
