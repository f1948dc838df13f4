import { RegistryError } from './errors.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { Place } from './resolve.ts'
import type { Submission, StartedSubmission } from './session.ts'

/** How long the rest of a publish may take before its process counts as gone. Unit: ms. Ours. */
const PENDING_MS = 15 * 60 * 1000

/** How long it is told what came of one. Unit: ms. Ours. */
const KEPT_MS = 24 * 60 * 60 * 1000

/** Publishes of one process that are answered before they are done. Ours. */
const PENDING_MAX = 100

/** Publishes whose clients ask later what has come of them: on any process, and after a restart. */
export interface Submissions {
  /** Throws `throttled` when too many are under way. */
  start(place: Place, what: SubmittedVersion, work: () => Promise<unknown>): Promise<StartedSubmission>
  /** Throws `missing`. */
  read(place: Place, id: string): Promise<Submission>
}

interface SubmittedVersion {
  readonly name: PackageName
  readonly version: string
}

export function createSubmissions(parts: RegistryParts): Submissions {
  let pending = 0
  return {
    async start(place, what, work) {
      if (pending >= PENDING_MAX) throw new RegistryError('throttled', 'too many publishes are under way')
      pending += 1
      try {
        const id = await insert(parts, place, what)
        const done = carryOut(parts, id, work).finally(() => void (pending -= 1))
        // Whoever waits for it hears of it; otherwise the row tells.
        done.catch(() => undefined)
        return { id, done }
      } catch (error) {
        pending -= 1
        throw error
      }
    },
    read: (place, id) => read(parts, place, id),
  }
}

async function insert({ metadata, clock, randomId }: RegistryParts, { node }: Place, what: SubmittedVersion) {
  const { name, version } = what
  const id = randomId()
  const row = { id, repository_id: node.id, ...name, version, outcome: null, error: null, created_at: clock() }
  await metadata.write(async ({ tx }) => {
    await tx
      .deleteFrom('submissions')
      .where('created_at', '<', clock() - KEPT_MS)
      .execute()
    await tx.insertInto('submissions').values(row).execute()
  })
  return id
}

/** What the work answers is kept; what it throws, which nobody expected, is kept for the operator. */
async function carryOut({ metadata }: RegistryParts, id: string, work: () => Promise<unknown>): Promise<unknown> {
  const keep = (result: { outcome: string } | { error: string }) =>
    metadata.write(async ({ tx }) => {
      await tx.updateTable('submissions').set(result).where('id', '=', id).execute()
    })
  try {
    const outcome = await work()
    await keep({ outcome: JSON.stringify(outcome) })
    return outcome
  } catch (error) {
    await keep({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    throw error
  }
}

async function read({ metadata, clock }: RegistryParts, { node, format }: Place, id: string): Promise<Submission> {
  const row = await metadata.db
    .selectFrom('submissions')
    .select(['namespace', 'name', 'version', 'outcome', 'error', 'created_at'])
    .where('id', '=', id)
    .where('repository_id', '=', node.id)
    .where('format', '=', format.id)
    .executeTakeFirst()
  if (!row) throw new RegistryError('missing', `there is no submission '${id.slice(0, 100)}' here`)
  const { namespace, name, version, outcome, error } = row
  const what = { name: { format: format.id, namespace, name }, version }
  if (outcome !== null) return { ...what, state: 'done', outcome: JSON.parse(outcome) as unknown }
  const isLost = error !== null || row.created_at < clock() - PENDING_MS
  return { ...what, state: isLost ? 'failed' : 'pending', outcome: undefined }
}
