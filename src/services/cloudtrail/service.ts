import Type from 'typebox'
import type { PageTokens } from '../../aws/page-token.ts'
import { epochSeconds } from '../../aws/rest-json.ts'
import { lookUpTrail, type TrailPosition, type TrailQuestion } from '../../journal/trail/lookup.ts'
import { lookupAttributes, resourcesOf, type TimedRecord, usernameOf } from '../../journal/trail/trail-record.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { decode } from '../codeartifact/decode.ts'
import { CodedError } from '../coded-error.ts'
import type { Json11Request, Json11Service } from '../service.ts'

export interface CloudTrailParts {
  readonly registry: RegistryParts
  readonly pageTokens: PageTokens
}

/** Source: CloudTrail API Reference, "LookupEvents". */
const EVENTS_PER_PAGE = 50

const moment = Type.Optional(
  Type.Number({ minimum: 0, maximum: 8.64e12, rule: 'must be a time, in seconds since 1970' }),
)

/** Source: CloudTrail API Reference, "LookupEvents". */
const schema = Type.Object({
  LookupAttributes: Type.Optional(
    Type.Array(
      Type.Object({
        AttributeKey: Type.Enum(['EventId', ...lookupAttributes], {
          rule: `must be one of EventId, ${lookupAttributes.join(', ')}`,
        }),
        AttributeValue: Type.String({ minLength: 1, maxLength: 2000, rule: 'must be 1 to 2000 characters' }),
      }),
      { rule: 'must be a list of one object with "AttributeKey" and "AttributeValue"' },
    ),
  ),
  StartTime: moment,
  EndTime: moment,
  EventCategory: Type.Optional(Type.String({ rule: 'must be text' })),
  MaxResults: Type.Optional(
    Type.Integer({ minimum: 1, maximum: EVENTS_PER_PAGE, rule: `must be a whole number from 1 to ${EVENTS_PER_PAGE}` }),
  ),
  NextToken: Type.Optional(Type.String({ rule: 'must be text' })),
})

/** Who did what, when and from where. Source of names and codes: CloudTrail service model. */
export function createCloudTrailService(parts: CloudTrailParts): Json11Service {
  return {
    protocol: 'json-1.1',
    name: 'cloudtrail',
    targetPrefix: 'CloudTrail_20131101',
    errorCodes: {},
    operations: { LookupEvents: { run: (request) => lookupEvents(parts, request) } },
  }
}

/** An account sees what its own principals did, and what was done to what it owns. */
async function lookupEvents(
  { registry, pageTokens }: CloudTrailParts,
  { caller, body }: Json11Request,
): Promise<object> {
  const input = decode(schema, { query: new Map(), body })
  await registry.authorizer.prepare('*')
  registry.authorizer.authorize(caller, 'cloudtrail:LookupEvents', '*')
  const { LookupAttributes = [], StartTime = 0, EndTime, MaxResults = EVENTS_PER_PAGE, NextToken } = input
  const [attribute, more] = LookupAttributes
  if (more) throw new CodedError('InvalidLookupAttributesException', 'LookupAttributes may have one member')
  if (input.EventCategory !== undefined) {
    throw new CodedError('InvalidEventCategoryException', 'EventCategory is not served here: there are no insights')
  }
  if (EndTime !== undefined && EndTime < StartTime) {
    throw new CodedError('InvalidTimeRangeException', 'EndTime must not be before StartTime')
  }
  const account = caller.principal.accountId
  const filters = {
    account,
    attributes: JSON.stringify(LookupAttributes),
    from: String(StartTime),
    to: String(EndTime),
  }
  const listing = { operation: 'cloudtrail:LookupEvents', filters }
  const question: TrailQuestion = {
    account,
    by: attribute && { attribute: attribute.AttributeKey, value: attribute.AttributeValue },
    from: StartTime * 1000,
    // Times have whole seconds in records: the last one counts to its end.
    to: EndTime === undefined ? registry.clock() : Math.floor(EndTime) * 1000 + 999,
    limit: MaxResults + 1,
    after: NextToken === undefined ? undefined : readPosition(pageTokens.read(listing, NextToken)),
  }
  const found = await lookUpTrail(registry.metadata, question)
  const shown = found.slice(0, MaxResults)
  const last = shown.at(-1)
  return {
    Events: shown.map(toEvent),
    ...(found.length > MaxResults && last && { NextToken: pageTokens.issue(listing, [last.at, last.record.eventID]) }),
  }
}

function readPosition([at, id]: readonly (string | number)[]): TrailPosition {
  return { at: Number(at), id: String(id) }
}

/** Source: CloudTrail API Reference, `Event`. */
function toEvent({ at, record }: TimedRecord) {
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    AccessKeyId: record.userIdentity.accessKeyId,
    EventTime: epochSeconds(Math.floor(at / 1000) * 1000),
    EventSource: record.eventSource,
    Username: usernameOf(record),
    Resources: resourcesOf(record),
    CloudTrailEvent: JSON.stringify(record),
  }
}
