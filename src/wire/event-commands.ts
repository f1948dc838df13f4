import { randomBytes } from 'node:crypto'
import type { EventCommands } from '../cli/events-program.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { OutputForm } from '../cli/identity-program.ts'
import { renderTable } from '../cli/table.ts'
import { makeSigningSecret, rotateSecrets } from '../jobs/events/webhook-signature.ts'
import { type EventConnection, findConnection, putConnection } from '../journal/bus/connections.ts'
import { type ListedDelivery, listDeliveries, replayDeadLetters } from '../journal/bus/dead-letters.ts'
import { type CommandParts, withRegistry } from './registry-command.ts'
import type { OpenedRegistry } from './registry.ts'

/** They work on the installation itself, beside a server that may be running. */
export function createEventCommands(parts: CommandParts): EventCommands {
  return {
    async listDeliveries(flags, which, form) {
      const found = await withRegistry(parts, flags, ({ registry }) => listDeliveries(registry.metadata.db, which))
      parts.writeOut(renderDeliveries(found, form))
      return exitCodes.success
    },
    async replayDeliveries(flags, which) {
      const replayed = await withRegistry(parts, flags, ({ registry }) =>
        replayDeadLetters(registry.metadata, which, registry.clock()),
      )
      parts.writeError(`${replayed.length} replayed\n`)
      return exitCodes.success
    },
    async showSecret(flags, account, name) {
      const { secrets } = await withRegistry(parts, flags, (opened) => requireConnection(opened, account, name))
      parts.writeOut(`${secrets.signing[0]?.secret ?? ''}\n`)
      return exitCodes.success
    },
    async rotateSecret(flags, account, name) {
      const secret = makeSigningSecret(randomBytes)
      await withRegistry(parts, flags, async (opened) => {
        const connection = await requireConnection(opened, account, name)
        const { metadata, clock } = opened.registry
        const signing = rotateSecrets(connection.secrets.signing, secret, clock())
        const changed = { ...connection, secrets: { ...connection.secrets, signing }, updatedAt: clock() }
        await metadata.write((write) => putConnection(write, opened.keyring, changed))
      })
      parts.writeOut(`${secret}\n`)
      return exitCodes.success
    },
  }
}

/** Without an account, of the first one. Throws `CommandError`. */
async function requireConnection(
  { registry, keyring }: OpenedRegistry,
  given: string | undefined,
  name: string,
): Promise<EventConnection> {
  const { db } = registry.metadata
  const account = given ?? (await db.selectFrom('accounts').select('id').orderBy('created_at').executeTakeFirst())?.id
  const found = await findConnection(db, keyring, account ?? '', name)
  if (found) return found
  throw new CommandError(`account ${account ?? ''} has no connection ${name}`)
}

function renderDeliveries(deliveries: readonly ListedDelivery[], form: OutputForm): string {
  if (form === 'json') return `${JSON.stringify({ deliveries }, undefined, 2)}\n`
  const time = (ms: number | undefined) => (ms === undefined ? '' : `${new Date(ms).toISOString().slice(0, 19)}Z`)
  const rows = deliveries.map((each) => [
    each.id,
    each.rule,
    each.target,
    time(each.createdAt),
    String(each.attempts),
    time(each.failedAt ?? each.dueAt),
    each.lastError ?? '',
  ])
  const header = [
    'ID',
    'RULE',
    'TARGET',
    'SINCE',
    'ATTEMPTS',
    deliveries[0]?.failedAt ? 'GIVEN UP' : 'NEXT',
    'LAST ERROR',
  ]
  return renderTable(header, rows)
}
