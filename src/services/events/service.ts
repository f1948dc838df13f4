import type { Json11Operation, Json11Service } from '../service.ts'
import { busOperations } from './bus-operations.ts'
import { connectionOperations } from './connection-operations.ts'
import { destinationOperations } from './destination-operations.ts'
import type { EventsOperation, EventsParts } from './operation.ts'
import { ruleOperations } from './rule-operations.ts'
import { tagOperations } from './tag-operations.ts'
import { targetOperations } from './target-operations.ts'

const operations: Readonly<Record<string, EventsOperation>> = {
  ...ruleOperations,
  ...targetOperations,
  ...tagOperations,
  ...busOperations,
  ...connectionOperations,
  ...destinationOperations,
}

/** Rules, and where they send events. Source of names and codes: EventBridge service model. */
export function createEventsService(parts: EventsParts): Json11Service {
  const rows = Object.entries(operations).map(([name, row]) => [name, bind(parts, name, row)] as const)
  return {
    protocol: 'json-1.1',
    name: 'events',
    targetPrefix: 'AWSEvents',
    errorCodes: {
      missing: 'ResourceNotFoundException',
      conflict: 'ConcurrentModificationException',
      quota: 'LimitExceededException',
      unavailable: 'InternalException',
    },
    operations: Object.fromEntries(rows),
  }
}

function bind(parts: EventsParts, name: string, row: EventsOperation): Json11Operation {
  return { run: (request) => row.run(parts, name, request) }
}
