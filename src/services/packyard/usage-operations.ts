import Type from 'typebox'
import { readDailyUsage, readTopUsage } from '../../journal/trail/usage-series.ts'
import { day, domainInput, oneOf, wholeNumber } from './fields.ts'
import { operation } from './operation.ts'
import { accountTarget } from './targets.ts'
import { domainTarget } from '../codeartifact/targets.ts'

const DAY_MS = 86_400_000
/** Days that are shown unless others are asked for. Ours. */
const DAYS_SHOWN = 30
/** Rows that are shown unless more are asked for. Ours. */
const ROWS_SHOWN = 50

const span = {
  from: Type.Optional(day),
  to: Type.Optional(day),
}

export const usageOperations = {
  GetUsage: operation({
    http: 'GET /packyard/v1/usage',
    summary:
      "Says how often and how much was read from what the caller's account owns, or by its principals: most first.",
    input: {
      by: oneOf(['account', 'domain', 'repository', 'package', 'principal']),
      ...span,
      rows: Type.Optional(wholeNumber(1, 1000)),
    },
    output: Type.Object({
      rows: Type.Array(Type.Object({ name: Type.String(), requests: Type.Integer(), bytes: Type.Integer() })),
    }),
    target: accountTarget('usage'),
    async run({ registry: { metadata, clock, arns }, input: { by, rows = ROWS_SHOWN, ...given }, address }) {
      const days = daysOf(given, clock())
      return {
        rows: await readTopUsage(metadata.db, { ...days, kind: by, ...ownedBy(by, address, arns.partition), rows }),
      }
    },
  }),
  GetDailyUsage: operation({
    http: 'GET /packyard/v1/usage/daily',
    summary: "Says for each day how often and how much was read from what the caller's account owns.",
    input: span,
    output: Type.Object({
      days: Type.Array(Type.Object({ day, requests: Type.Integer(), bytes: Type.Integer() })),
    }),
    target: accountTarget('usage'),
    async run({ registry: { metadata, clock }, input, address }) {
      const found = await readDailyUsage(metadata.db, {
        ...daysOf(input, clock()),
        prefixes: [`${address}/`],
        kind: 'domain',
      })
      return { days: found.map(({ day: number, ...figures }) => ({ day: isoDay(number), ...figures })) }
    },
  }),
  GetSavings: operation({
    http: 'GET /packyard/v1/savings',
    summary: 'Says what it saves that content is stored once in a domain, however many repositories hold it.',
    action: 'codeartifact:DescribeDomain',
    input: domainInput,
    output: Type.Object({
      heldBytes: Type.Integer(),
      storedBytes: Type.Integer(),
      savedBytes: Type.Integer(),
      /** Counting reads every version, so what was counted is shown for a while. */
      countedAt: Type.String(),
    }),
    target: domainTarget,
    async run({ parts, address }) {
      const { heldBytes, storedBytes, countedAt } = await parts.savings.of(address)
      const savedBytes = Math.max(0, heldBytes - storedBytes)
      return { heldBytes, storedBytes, savedBytes, countedAt: new Date(countedAt).toISOString() }
    },
  }),
}

function daysOf({ from, to }: { readonly from?: string; readonly to?: string }, now: number) {
  const toDay = to === undefined ? Math.floor(now / DAY_MS) : Math.floor(Date.parse(to) / DAY_MS)
  const fromDay = from === undefined ? toDay - DAYS_SHOWN + 1 : Math.floor(Date.parse(from) / DAY_MS)
  return { fromDay, toDay }
}

/** How the names of an account's own begin. */
function ownedBy(by: string, account: string, partition: string): { readonly prefixes: readonly string[] } {
  if (by === 'account') return { prefixes: [account] }
  if (by !== 'principal') return { prefixes: [`${account}/`] }
  return { prefixes: [`arn:${partition}:iam::${account}:`, `arn:${partition}:sts::${account}:`] }
}

function isoDay(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10)
}
