import type { TSchema } from 'typebox'
import { actionOf, type Operation } from './operation.ts'

type Json = Readonly<Record<string, unknown>>

const failure = {
  type: 'object',
  required: ['code', 'message', 'requestId'],
  properties: {
    code: { type: 'string', description: 'As of the AWS operations: ValidationException, AccessDeniedException …' },
    message: { type: 'string', description: 'For a person: names the field, its value and the rule.' },
    requestId: { type: 'string', description: 'Stands in the log and in the audit record.' },
    reason: { type: 'string' },
    resourceId: { type: 'string' },
    resourceType: { type: 'string' },
  },
}

/** The description of the API, from its table. Source: OpenAPI Specification 3.1. */
export function renderOpenApi(table: Readonly<Record<string, Operation>>, origin: string): string {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, row] of Object.entries(table)) {
    const [method = '', path = ''] = row.http.split(' ')
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(name, row, { method, path }) }
  }
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Packyard', version: '1', description: 'What Packyard can do and AWS has no operation for.' },
    servers: [{ url: origin }],
    security: [{ signature: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Failure: failure },
      securitySchemes: {
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'AWS Signature Version 4 with the service name packyard.',
        },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-packyard', description: 'A session of the console.' },
      },
    },
  })
}

function describe(name: string, row: Operation, { method, path }: { method: string; path: string }): Json {
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter))
  const { properties } = row.input
  // Absent where nothing is required, whatever the type says.
  const required = (row.input as { readonly required?: readonly string[] }).required ?? []
  const fields = Object.entries<TSchema>(properties)
  const hasBody = method === 'POST' || method === 'PUT'
  const parameters = fields
    .filter(([field]) => inPath.has(field) || !hasBody)
    .map(([field, schema]) => ({
      name: field,
      in: inPath.has(field) ? 'path' : 'query',
      required: required.includes(field),
      schema,
    }))
  const members = fields.filter(([field]) => hasBody && !inPath.has(field))
  const action = actionOf(name, row.action)
  return {
    operationId: name,
    summary: row.summary,
    description: action === undefined ? 'Needs no permission.' : `Needs the permission \`${action}\`.`,
    parameters,
    ...(members.length > 0 && { requestBody: bodyOf(members, required) }),
    responses: {
      200: { description: 'Done.', content: contentOf(row.output) },
      default: { description: 'Refused.', content: { 'application/json': { schema: refTo('Failure') } } },
    },
  }
}

function bodyOf(members: readonly (readonly [string, TSchema])[], required: readonly string[]): Json {
  const names = members.map(([name]) => name)
  const needed = required.filter((name) => names.includes(name))
  const schema = {
    type: 'object',
    properties: Object.fromEntries(members),
    ...(needed.length > 0 && { required: needed }),
  }
  return { required: needed.length > 0, content: { 'application/json': { schema } } }
}

function contentOf(output: TSchema | string): Json {
  return typeof output === 'string' ? { [output]: {} } : { 'application/json': { schema: output } }
}

function refTo(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}
