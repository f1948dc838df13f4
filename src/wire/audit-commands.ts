import type { AuditCommands, GivenRecords } from '../cli/audit-program.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import { renderTable } from '../cli/table.ts'
import { lookUpTrail, type TrailQuestion } from '../journal/trail/lookup.ts'
import { sealTrail } from '../journal/trail/seal.ts'
import { resourcesOf, type TimedRecord, usernameOf } from '../journal/trail/trail-record.ts'
import type { UsageKind } from '../journal/trail/usage.ts'
import { readSaved, readUsage, readVersionUses } from '../journal/trail/usage-report.ts'
import { readTrail, type TrailVerdict, verifyTrail } from '../journal/trail/verify.ts'
import { type CommandParts, withRegistry } from './registry-command.ts'
import { trailKey } from './trail.ts'

const DAY_MS = 86_400_000

/** They work on the installation itself, beside a server that may be running. */
export function createAuditCommands(parts: CommandParts): AuditCommands {
  return {
    async verifyAudit(flags, expected, form) {
      const head = expected === undefined ? undefined : parseHead(expected)
      const verdict = await withRegistry(parts, flags, async (opened) => {
        const { metadata, randomId } = opened.registry
        await sealTrail({ metadata, randomId, key: trailKey(opened) })
        return verifyTrail(metadata, trailKey(opened), head)
      })
      parts.writeOut(form === 'json' ? `${JSON.stringify(verdict, undefined, 2)}\n` : renderVerdict(verdict))
      return verdict.problem === undefined ? exitCodes.success : exitCodes.failure
    },
    async exportAudit(flags, which) {
      const span = { from: parseTime(which.from, 0), to: parseTime(which.to, Number.MAX_SAFE_INTEGER) }
      await withRegistry(parts, flags, async ({ registry }) => {
        for await (const records of readTrail(registry.metadata, span)) {
          parts.writeOut(records.map(({ record }) => `${JSON.stringify(record)}\n`).join(''))
        }
      })
      return exitCodes.success
    },
    async listAudit(flags, which, form) {
      const records = await withRegistry(parts, flags, ({ registry }) =>
        lookUpTrail(registry.metadata, questionOf(which, registry.clock())),
      )
      parts.writeOut(form === 'json' ? renderJson(records.map(({ record }) => record)) : renderRecords(records))
      return exitCodes.success
    },
    async usage(flags, { by, from, to }, form) {
      const rows = await withRegistry(parts, flags, async ({ registry: { metadata, clock } }) => {
        const span = { fromDay: dayOf(parseTime(from, 0)), toDay: dayOf(parseTime(to, clock())) }
        return usageRows(metadata.db, by, span)
      })
      parts.writeOut(renderRows(rows, form))
      return exitCodes.success
    },
  }
}

type Row = Readonly<Record<string, string | number>>

async function usageRows(
  db: Parameters<typeof readUsage>[0],
  by: string,
  span: Parameters<typeof readUsage>[2],
): Promise<Row[]> {
  if (by === 'version') {
    const uses = await readVersionUses(db)
    return uses.map(({ name, usedAt }) => ({ version: name, lastUsed: showTime(usedAt) }))
  }
  if (by === 'saved') {
    const saved = await readSaved(db)
    return saved.map(({ name, heldBytes, storedBytes }) => {
      return { domain: name, heldBytes, storedBytes, savedBytes: heldBytes - storedBytes }
    })
  }
  const rows = await readUsage(db, by as UsageKind, span)
  return rows.map(({ name, requests, bytes }) => ({ [by]: name, requests, bytes }))
}

function renderRows(rows: readonly Row[], form: 'text' | 'json' | 'csv'): string {
  if (form === 'json') return renderJson(rows)
  const names = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => names.map((name) => String(row[name])))
  if (form === 'text')
    return renderTable(
      names.map((name) => name.toUpperCase()),
      cells,
    )
  return [names, ...cells].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('')
}

/** Source: RFC 4180. What a spreadsheet would take for a formula is not begun as one. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function renderVerdict({ problem, segments, records, head, begin }: TrailVerdict): string {
  const gone = begin.sequence === 0 ? '' : `; segments up to ${begin.sequence} were given up for their age`
  const place = `${head.sequence}:${head.hash}`
  if (problem === undefined) return `ok: ${records} records in ${segments} segments${gone}\nhead: ${place}\n`
  return `broken: ${problem}\nsound before it: ${records} records in ${segments} segments${gone}\n`
}

function questionOf(
  { from, to, account, user, package: name, event, limit }: GivenRecords,
  now: number,
): TrailQuestion {
  const asked: TrailQuestion['by'][] = []
  if (user !== undefined) asked.push({ attribute: 'Username', value: user })
  if (name !== undefined) asked.push({ attribute: 'ResourceName', value: name })
  if (event !== undefined) asked.push({ attribute: 'EventName', value: event })
  if (asked.length > 1) throw new CommandError('give one of --user, --package and --event', exitCodes.usage)
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > 10_000) {
    throw new CommandError(`--limit '${limit}' must be a whole number from 1 to 10000`, exitCodes.usage)
  }
  return { account, by: asked[0], from: parseTime(from, 0), to: parseTime(to, now), limit: count, after: undefined }
}

function renderRecords(records: readonly TimedRecord[]): string {
  const rows = records.map(({ at, record }) => {
    const { sourceIPAddress = '', errorCode = 'ok' } = record as { sourceIPAddress?: string; errorCode?: string }
    const resource = resourcesOf(record).at(-1)?.ResourceName ?? ''
    return [showTime(at), record.eventName, usernameOf(record), sourceIPAddress, errorCode, resource]
  })
  return renderTable(['TIME', 'EVENT', 'WHO', 'FROM', 'RESULT', 'WHAT'], rows)
}

function parseTime(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new CommandError(`time '${text}' must be as 2026-01-31 or 2026-01-31T10:20:30Z`, exitCodes.usage)
}

function parseHead(text: string) {
  const [, sequence, hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (sequence !== undefined) return { sequence: Number(sequence), hash }
  throw new CommandError(`--expect '${text}' must be a head as audit verify prints it`, exitCodes.usage)
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS)
}

function showTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
