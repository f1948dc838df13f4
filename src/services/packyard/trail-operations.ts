import Type from 'typebox'
import { lookUpTrail, type TrailPosition, type TrailQuestion } from '../../journal/trail/lookup.ts'
import { lookupAttributes, resourcesOf, type TimedRecord, usernameOf } from '../../journal/trail/trail-record.ts'
import { refused } from '../../registry/errors.ts'
import { isoTime, nextPage, oneOf, pageInput, pageOf, text, time } from './fields.ts'
import { operation } from './operation.ts'
import { nothing } from './targets.ts'

/** Ours. */
const RECORDS_PER_PAGE = 50

const record = Type.Object({
  eventId: Type.String(),
  time,
  eventName: Type.String(),
  eventSource: Type.String(),
  isReadOnly: Type.Boolean(),
  userName: Type.String(),
  userArn: Type.String(),
  sourceAddress: Type.Optional(Type.String()),
  /** Undefined for what was done. */
  errorCode: Type.Optional(Type.String()),
  errorMessage: Type.Optional(Type.String()),
  resources: Type.Array(Type.String()),
  requestId: Type.Optional(Type.String()),
  /** The whole record, as CloudTrail would have it. */
  record: Type.Unknown(),
})

export const trailOperations = {
  ListAuditRecords: operation({
    http: 'GET /packyard/v1/audit-records',
    summary: "Lists what the caller's account did, and what was done to what it owns, newest first.",
    action: 'cloudtrail:LookupEvents',
    input: {
      attribute: Type.Optional(oneOf(['EventId', ...lookupAttributes])),
      value: Type.Optional(text(2000)),
      from: Type.Optional(time),
      to: Type.Optional(time),
      ...pageInput,
    },
    output: pageOf('records', record),
    target: nothing,
    async run({ registry: { metadata, clock }, caller, input: { attribute, value, from, to }, page, nextToken }) {
      if ((attribute === undefined) !== (value === undefined)) {
        throw refused('attribute and value can only be given together')
      }
      const { size, after } = page(RECORDS_PER_PAGE)
      const question: TrailQuestion = {
        account: caller.principal.accountId,
        by: attribute === undefined ? undefined : { attribute, value: value ?? '' },
        from: from === undefined ? 0 : Date.parse(from),
        to: to === undefined ? clock() : Date.parse(to),
        limit: size + 1,
        after: after && readPosition(after),
      }
      const found = await lookUpTrail(metadata, question)
      const shown = found.slice(0, size)
      const last = shown.at(-1)
      const next = found.length > size && last ? [last.at, last.record.eventID] : undefined
      return { records: shown.map(toRecord), ...nextPage(nextToken(next)) }
    },
  }),
}

function readPosition([at, id]: readonly (string | number)[]): TrailPosition {
  return { at: Number(at), id: String(id) }
}

function toRecord({ at, record: found }: TimedRecord) {
  const whole: object = found
  const more = whole as { sourceIPAddress?: string; errorCode?: string; errorMessage?: string; requestID?: string }
  return {
    eventId: found.eventID,
    time: isoTime(at),
    eventName: found.eventName,
    eventSource: found.eventSource,
    isReadOnly: found.readOnly,
    userName: usernameOf(found),
    userArn: found.userIdentity.arn,
    ...(more.sourceIPAddress !== undefined && { sourceAddress: more.sourceIPAddress }),
    ...(more.errorCode !== undefined && { errorCode: more.errorCode }),
    ...(more.errorMessage !== undefined && { errorMessage: more.errorMessage }),
    ...(more.requestID !== undefined && { requestId: more.requestID }),
    resources: resourcesOf(found).map(({ ResourceName }) => ResourceName),
    record: whole,
  }
}
