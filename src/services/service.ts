import type { Readable } from 'node:stream'
import type { Caller } from '../access/principal.ts'
import type { QueryParameters } from '../aws/query-form.ts'
import type { Call, Method } from '../http/call.ts'
import type { RegistryErrorKind } from '../registry/errors.ts'

/** One AWS service: its operations, in the protocol that its clients speak. The plane authenticates before it asks. */
export type Service = RestService | QueryService | Json11Service

/** A service in rest-json, as CodeArtifact. */
export interface RestService {
  readonly protocol: 'rest-json'
  /** The service in the credential scope: `codeartifact`. */
  readonly name: string
  /** By operation name. */
  readonly operations: Readonly<Record<string, RestOperation>>
}

/** Method and path. No path has parameters. Source: CodeArtifact service model. */
export type HttpBinding = `${Method} /v1/${string}`

export type RestOperation = JsonOperation | StreamOperation

/** Takes a JSON body, or none. */
export interface JsonOperation {
  readonly http: HttpBinding
  readonly input?: 'json'
  run(request: JsonRequest): Promise<RestOutput>
}

/** Takes an asset's bytes. */
export interface StreamOperation {
  readonly http: HttpBinding
  readonly input: 'stream'
  run(request: StreamRequest): Promise<RestOutput>
}

export interface RestRequest {
  readonly call: Call
  readonly caller: Caller
  /** Names as on the wire (`domain-owner`), values percent-decoded once. A repeated name has been refused. */
  readonly query: ReadonlyMap<string, string>
}

export interface JsonRequest extends RestRequest {
  /** The members as parsed, nothing about them checked; `{}` when no body was sent. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface StreamRequest extends RestRequest {
  /** Fails at its end when the bytes are not those that were signed: store nothing before `end`. */
  readonly content: Readable
  /** What the client signed. Lower-case hex. */
  readonly contentSha256: string
}

/**
 * An answer with status 200: the members of a JSON object (times made with `epochSeconds` of aws/rest-json.ts; null and
 * undefined are left out), or bytes with the headers of the model. Failures are thrown: `RegistryError`,
 * `AccessDeniedError`, `PageTokenError`.
 */
export type RestOutput =
  | { readonly members: object }
  | { readonly content: Readable | Buffer; readonly headers: Readonly<Record<string, string | number>> }

/** A service in JSON 1.1, as KMS. */
export interface Json11Service {
  readonly protocol: 'json-1.1'
  /** The service in the credential scope: `kms`. */
  readonly name: string
  /** Before the last dot of `X-Amz-Target`: `TrentService`. */
  readonly targetPrefix: string
  /** What the service calls what the registry refuses; CodeArtifact's codes where it says nothing. */
  readonly errorCodes: Readonly<Partial<Record<RegistryErrorKind, string>>>
  /** After the last dot of `X-Amz-Target`. */
  readonly operations: Readonly<Record<string, Json11Operation>>
}

export interface Json11Operation {
  /** The members of the answer. Failures are thrown, as in rest-json; or `CodedError`. */
  run(request: Json11Request): Promise<object>
}

export type Json11Request = Omit<JsonRequest, 'query'>

/** A service in the query protocol, as STS. */
export interface QueryService {
  readonly protocol: 'query'
  /** The service in the credential scope: `sts`. */
  readonly name: string
  /** `Version` of every request: `2011-06-15`. */
  readonly version: string
  /** Of every answer. */
  readonly xmlNamespace: string
  /** By `Action`. */
  readonly operations: Readonly<Record<string, QueryOperation>>
}

export type QueryOperation = SignedOperation | UnsignedOperation

/** The members of the Result element, in order. */
export type QueryResult = Readonly<Record<string, unknown>>

export interface SignedOperation {
  readonly signature?: 'needed'
  /** Undefined for an answer without Result element. Failures are thrown, as in rest-json. */
  run(request: QueryRequest): Promise<QueryResult | undefined>
}

/** The parameters say who is calling: STS gives credentials to those who have none yet. */
export interface UnsignedOperation {
  readonly signature: 'not needed'
  run(request: Omit<QueryRequest, 'caller'>): Promise<QueryResult | undefined>
}

export interface QueryRequest {
  readonly call: Call
  readonly caller: Caller
  readonly parameters: QueryParameters
}
