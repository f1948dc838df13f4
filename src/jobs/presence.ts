import type { Metadata } from '../storage/metadata/metadata.ts'
import type { RunningJob } from './runner.ts'

/** How often a process says that it serves, and after what time it is believed gone. Unit: ms. Ours. */
const SAY_EVERY_MS = 5_000
const BELIEVED_MS = 3 * SAY_EVERY_MS

export interface PresenceParts {
  readonly metadata: Metadata
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomId: () => string
  readonly onFailure: (error: unknown) => void
}

export interface Presence extends RunningJob {
  /** How many processes serve on this database, as far as is known: this one at least. */
  readonly processes: () => number
}

/** Says in the database that this process serves, and counts who else does. What cannot be asked stays as it was. */
export function startPresence(parts: PresenceParts): Presence {
  const id = parts.randomId()
  let processes = 1
  let saying: Promise<void> | undefined
  const say = async () => {
    processes = Math.max(1, await sayPresent(parts, id))
  }
  const sayAgain = () => {
    saying ??= say()
      .catch(parts.onFailure)
      .finally(() => {
        saying = undefined
      })
  }
  sayAgain()
  const timer = setInterval(sayAgain, SAY_EVERY_MS).unref()
  return {
    processes: () => processes,
    async stop() {
      clearInterval(timer)
      await saying
      await sayGone(parts, id).catch(parts.onFailure)
    },
  }
}

async function sayPresent({ metadata, clock }: PresenceParts, id: string): Promise<number> {
  const now = clock()
  return metadata.write(async ({ tx }) => {
    await tx
      .insertInto('server_processes')
      .values({ id, seen_at: now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now }))
      .execute()
    await tx
      .deleteFrom('server_processes')
      .where('seen_at', '<', now - BELIEVED_MS)
      .execute()
    const { count } = await tx
      .selectFrom('server_processes')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return Number(count)
  })
}

async function sayGone({ metadata }: PresenceParts, id: string): Promise<void> {
  await metadata.write(async ({ tx }) => {
    await tx.deleteFrom('server_processes').where('id', '=', id).execute()
  })
}
