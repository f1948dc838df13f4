import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError, type ExitCode, exitCodes } from '../cli/exit-codes.ts'
import type { OutputForm } from '../cli/identity-program.ts'
import type { RetentionCommands } from '../cli/retention-program.ts'
import { renderHolds, renderRun, renderRuns } from '../cli/retention-text.ts'
import type { PackyardClient } from '../services/packyard/client.ts'
import { type AskApi, createAsk, domainInput } from './api-client.ts'
import type { LoginCommandParts } from './login-access.ts'

/** Between two looks at a run. Unit: ms. Ours. */
const LOOK_EVERY_MS = 500
const PAGE = 1_000

export function createRetentionCommands(parts: LoginCommandParts): RetentionCommands {
  const asking: Asking = {
    ask: createAsk(parts),
    show: (value, text, form) => {
      parts.writeOut(form === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : text)
      return exitCodes.success
    },
    writeError: parts.writeError,
  }
  return { ...holdCommands(asking), ...runCommands(asking) }
}

interface Asking {
  readonly ask: AskApi
  show(value: unknown, text: string, form: OutputForm): ExitCode
  readonly writeError: (text: string) => void
}

function holdCommands({
  ask,
  show,
  writeError,
}: Asking): Pick<RetentionCommands, 'addHold' | 'listHolds' | 'removeHold'> {
  return {
    addHold: (flags, { repository, endsAt, against, pattern, version, reason, ...given }, form) =>
      ask(flags, async (api) => {
        const { hold } = await api('POST /packyard/v1/holds', {
          ...domainInput(given),
          pattern,
          version,
          reason,
          against: against === 'removal' ? 'removal' : 'retention',
          ...(repository !== undefined && { repository }),
          ...(endsAt !== undefined && { endsAt }),
        })
        return show(hold, `${hold.id}\n`, form)
      }),
    listHolds: (flags, given, form) =>
      ask(flags, async (api) => {
        const holds = await readAll((nextToken) =>
          api('GET /packyard/v1/holds', { ...domainInput(given), ...(nextToken !== undefined && { nextToken }) }).then(
            ({ holds: items, ...page }) => ({ items, ...page }),
          ),
        )
        return show({ holds }, renderHolds(holds), form)
      }),
    removeHold: (flags, { id, ...given }) =>
      ask(flags, async (api) => {
        await api('DELETE /packyard/v1/holds/{id}', { ...domainInput(given), id })
        writeError('removed\n')
        return exitCodes.success
      }),
  }
}

function runCommands(asking: Asking): Pick<RetentionCommands, 'runRetention' | 'confirmRetention' | 'listRetention'> {
  const { ask, show } = asking
  return {
    runRetention: (flags, { rule, purpose, limit, ...given }, form) =>
      ask(flags, async (api) => {
        if (!(Number.isInteger(limit) && limit >= 0)) throw badNumber('--limit', limit)
        const asked = { ...domainInput(given), rule }
        const { run } = await (purpose === 'preview'
          ? api('POST /packyard/v1/retention/previews', asked)
          : api('POST /packyard/v1/retention/runs', asked))
        return finish(asking, api, domainInput(given), { id: run.id, limit, form })
      }),
    confirmRetention: (flags, { rule, versions, ...given }, form) =>
      ask(flags, async (api) => {
        if (!(Number.isInteger(versions) && versions > 0)) throw badNumber('--versions', versions)
        const asked = { ...domainInput(given), rule, versions }
        const { run } = await api('POST /packyard/v1/retention/confirmations', asked)
        return finish(asking, api, domainInput(given), { id: run.id, limit: 0, form })
      }),
    listRetention: (flags, { rule, ...given }, form) =>
      ask(flags, async (api) => {
        const found = await api('GET /packyard/v1/retention/runs', { ...domainInput(given), rule })
        return show(found, renderRuns(found.runs), form)
      }),
  }
}

/** Waits until it has come to rest, and shows it. */
async function finish(
  { show }: Asking,
  api: PackyardClient,
  domain: ReturnType<typeof domainInput>,
  { id, limit, form }: { readonly id: string; readonly limit: number; readonly form: OutputForm },
): Promise<ExitCode> {
  for (;;) {
    const { run } = await api('GET /packyard/v1/retention/runs/{id}', { ...domain, id })
    if (run.endedAt === undefined) {
      await sleep(LOOK_EVERY_MS)
      continue
    }
    const versions = await readSome(api, { ...domain, id }, limit)
    show({ run, versions }, renderRun(run, versions), form)
    return run.state === 'done' || run.state === 'unconfirmed' ? exitCodes.success : exitCodes.failure
  }
}

async function readSome(
  api: PackyardClient,
  run: ReturnType<typeof domainInput> & { readonly id: string },
  limit: number,
) {
  if (limit === 0) return []
  const size = Math.min(limit, PAGE)
  return readAll(
    (nextToken) =>
      api('GET /packyard/v1/retention/runs/{id}/versions', {
        ...run,
        maxResults: size,
        ...(nextToken !== undefined && { nextToken }),
      }).then(({ versions: items, ...page }) => ({ items, ...page })),
    limit,
  )
}

async function readAll<Item>(
  read: (nextToken: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly nextToken?: string }>,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> {
  const items: Item[] = []
  for (let token: string | undefined; ; ) {
    const page = await read(token)
    items.push(...page.items)
    token = page.nextToken
    if (token === undefined || items.length >= most) return items.slice(0, most)
  }
}

function badNumber(option: string, value: number): CommandError {
  return new CommandError(`${option} ${value} must be a whole number`, exitCodes.usage)
}
