import type { JsonOperation, RestOperation, RestService, StreamOperation } from '../service.ts'
import type { CodeArtifactParts, Operation } from './operation.ts'
import { operations } from './operations.ts'

/** CodeArtifact's control plane, for the AWS plane to route to. */
export function createCodeArtifactService(parts: CodeArtifactParts): RestService {
  const rows = Object.entries(operations).map(([name, row]) => [name, toRest(parts, name, row)] as const)
  return { protocol: 'rest-json', name: 'codeartifact', operations: Object.fromEntries(rows) }
}

function toRest(parts: CodeArtifactParts, name: string, row: Operation): RestOperation {
  if (row.content === 'stream') {
    const operation: StreamOperation = {
      http: row.http,
      input: 'stream',
      run: (request) => row.run(parts, name, { ...request, body: {} }),
    }
    return operation
  }
  const operation: JsonOperation = { http: row.http, run: (request) => row.run(parts, name, request) }
  return operation
}
