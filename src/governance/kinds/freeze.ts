import Type from 'typebox'
import { invalid } from '../../registry/errors.ts'
import { showTime } from '../../registry/held.ts'
import { defineKind, type Judge, pass } from '../kind.ts'
import { isMeant, originsParameter } from '../origins.ts'

/** The world as it was at a date, so that a build made again finds what it found then. */
export const freeze = defineKind({
  id: 'freeze',
  summary: 'Shows what had been published at a date, and nothing later.',
  isApprovable: false,
  wantsDates: true,
  parameters: {
    at: Type.String({ rule: 'must be a date or a time in ISO 8601, as "2026-11-01" or "2026-11-01T12:00:00Z"' }),
    origins: originsParameter,
  },
  check: ({ at }) => void parseTime(at),
  gate: ({ at, origins }) => judgeFreeze(parseTime(at), origins ?? 'all'),
})

/** UTC where no zone is given. Throws `invalid`. */
function parseTime(text: string): number {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(text)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const time = isDate || isTime ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw invalid(
    'parameters.at',
    text,
    'must be a date or a time in ISO 8601, as "2026-11-01" or "2026-11-01T12:00:00Z"',
  )
}

/** What would be published now is later, so it is refused rather than hidden. */
function judgeFreeze(at: number, origins: 'outside' | 'all'): Judge {
  const frozen = `everything stands still as of ${showTime(at)}`
  return ({ action, origin, publishedAt, now }) => {
    if (!isMeant(origins, origin)) return pass
    const publishedOn = action === 'publish' ? now : publishedAt
    if (publishedOn === undefined) return { kind: 'hold', reason: `nobody says when it was published, and ${frozen}` }
    if (publishedOn <= at) return pass
    return { kind: 'hold', reason: `published ${showTime(publishedOn)}, and ${frozen}` }
  }
}
