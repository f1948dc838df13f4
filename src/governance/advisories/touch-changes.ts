import type { RegistryFormat } from '../../registry/format.ts'
import { touchPackage } from '../../registry/touch-package.ts'
import type { Metadata, Write } from '../../storage/metadata/metadata.ts'
import { advisoriesScope, topologyScope } from '../../storage/metadata/scopes.ts'
import { type ChangedSubject, differences, type Generation } from './advisory-rows.ts'

/** Packages of which something else is said now; too many of them are everything. */
export type Changes = readonly ChangedSubject[] | 'everything'

/** Beyond this, all that is cached is dropped instead of each package's. Ours. */
const CHANGES_MAX = 1000

/** What differs between a generation and the one before it. */
export async function findChanges({ db }: Metadata, next: Generation, before: string | undefined): Promise<Changes> {
  if (before === undefined) return 'everything'
  const last: Generation = { feedId: next.feedId, generation: before }
  const changed = new Map<string, ChangedSubject>()
  for (const [one, other] of [
    [next, last],
    [last, next],
  ] as const) {
    for await (const subject of differences(db, one, other)) {
      changed.set(`${subject.format}/${subject.namespace}/${subject.name}`, subject)
      if (changed.size > CHANGES_MAX) return 'everything'
    }
  }
  return [...changed.values()]
}

/** Says so to everybody who remembers something of these packages, in every domain. */
export async function touchChanges(
  write: Write,
  formats: ReadonlyMap<string, RegistryFormat>,
  changes: Changes,
): Promise<void> {
  write.touch(advisoriesScope)
  const domains = await write.tx.selectFrom('domains').select('id').execute()
  for (const { id } of domains) {
    if (changes === 'everything' || changes.length * domains.length > CHANGES_MAX) write.touch(topologyScope(id))
    else for (const subject of changes) touchSubject(write, id, subject, formats.get(subject.format))
  }
}

function touchSubject(
  write: Write,
  domainId: string,
  subject: ChangedSubject,
  format: RegistryFormat | undefined,
): void {
  // Nobody can tell which packages a repository's address belongs to.
  if (format?.advisories?.subjectOf) write.touch(topologyScope(domainId))
  else touchPackage(write, domainId, subject)
}
