import type { Readable } from 'node:stream'
import Type, { type Static, type TObject, type TProperties } from 'typebox'
import type { DecisionOptions } from '../../access/authorize.ts'
import type { Tokens } from '../../access/tokens.ts'
import type { Caller } from '../../access/principal.ts'
import type { Listing, PageTokens } from '../../aws/page-token.ts'
import type { Call } from '../../http/call.ts'
import type { Sessions } from '../../registry/open-session.ts'
import type { PageKey, PageRequest } from '../../registry/pages.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { HttpBinding, RestOutput, RestRequest } from '../service.ts'
import { decode, type WireInput } from './decode.ts'
import type { Target } from './targets.ts'

/** What the operations are built from. */
export interface CodeArtifactParts {
  readonly registry: RegistryParts
  readonly tokens: Pick<Tokens, 'issue'>
  readonly pageTokens: PageTokens
  /** The data plane's way in: what is published here goes the same way as there. */
  readonly sessions: Pick<Sessions, 'open' | 'copyVersions'>
  /** Of package endpoints that are hosts, as `packages.example.com`; undefined where they are paths. */
  readonly domainSuffix: string | undefined
}

/** One call of an operation: decoded, and authorized. */
export interface OperationCall<Input, Address> {
  readonly parts: CodeArtifactParts
  readonly registry: RegistryParts
  readonly caller: Caller
  readonly call: Call
  readonly input: Input
  readonly address: Address
  /** The body, for an operation whose `content` is `stream`; of others it has been read. */
  readonly content: Readable
  /** The page that was asked for. Throws `PageTokenError`. */
  page(defaultSize: number): PageRequest
  /** The token for the page after; undefined after the last. */
  nextToken(key: PageKey | undefined): string | undefined
}

/** A row of the table, as it is written. */
export interface OperationDefinition<Properties extends TProperties, Address> {
  readonly http: HttpBinding
  /** The asset's bytes are the body; everything else is in the query. */
  readonly content?: 'stream'
  readonly input: Properties
  /** Names what the operation is about; from the input alone, unless it is about what is found. */
  target(input: Static<TObject<Properties>>, scope: TargetScope): Target<Address> | Promise<Target<Address>>
  /** What users should know of it, for docs/coverage.md: where it stops short, or differs on purpose. */
  readonly remark?: string
  run(call: OperationCall<Static<TObject<Properties>>, Address>): Promise<RestOutput>
}

export interface TargetScope {
  readonly registry: RegistryParts
  readonly caller: Caller
}

/** A row of the table, as the service runs it. */
export interface Operation {
  readonly http: HttpBinding
  readonly content: 'json' | 'stream'
  readonly remark: string | undefined
  run(parts: CodeArtifactParts, name: string, request: OperationRequest): Promise<RestOutput>
}

export interface OperationRequest extends RestRequest, WireInput {
  readonly query: RestRequest['query']
  readonly content?: Readable
}

export function operation<Properties extends TProperties, Address>(
  definition: OperationDefinition<Properties, Address>,
): Operation {
  const schema = Type.Object(definition.input)
  return {
    http: definition.http,
    content: definition.content ?? 'json',
    remark: definition.remark,
    async run(parts, name, request) {
      const { call, caller, content = call.body } = request
      const { registry } = parts
      const input = decode(schema, request)
      const { address, resource, also = [], namedAs } = await definition.target(input, { registry, caller })
      const options = namedAs === undefined ? optionsOf(input) : { ...optionsOf(input), namedAs }
      for (const need of [{ action: `codeartifact:${name}`, resource, options }, ...also]) {
        await registry.authorizer.prepare(need.resource)
        registry.authorizer.authorize(caller, need.action, need.resource, need.options ?? options)
      }
      const pages = pagesOf(parts, { operation: name, filters: filtersOf(input, caller) }, input)
      return await definition.run({ parts, registry, caller, call, input, address, content, ...pages })
    },
  }
}

interface TaggingInput {
  readonly tags?: readonly { readonly key: string; readonly value: string }[]
  readonly tagKeys?: readonly string[]
}

/** What the request itself brings to a decision: the tags that it asks for. */
function optionsOf({ tags = [], tagKeys = tags.map(({ key }) => key) }: TaggingInput): DecisionOptions | undefined {
  if (tagKeys.length === 0) return undefined
  const asked = tags.map(({ key, value }) => [`aws:requesttag/${key.toLowerCase()}`, value] as const)
  return { keys: { ...Object.fromEntries(asked), 'aws:tagkeys': tagKeys } }
}

interface PageInput {
  readonly maxResults?: number
  readonly nextToken?: string
}

function pagesOf({ pageTokens }: CodeArtifactParts, listing: Listing, { maxResults, nextToken }: PageInput) {
  return {
    page: (defaultSize: number): PageRequest => ({
      size: maxResults ?? defaultSize,
      ...(nextToken === undefined ? {} : { after: pageTokens.read(listing, nextToken) }),
    }),
    nextToken: (key: PageKey | undefined) => (key ? pageTokens.issue(listing, key) : undefined),
  }
}

/** A token is good for the same caller's account and the same parameters; the size of a page may change. */
function filtersOf(input: object, { principal }: Caller): Record<string, string> {
  const chosen = Object.entries(input).filter(([name]) => name !== 'maxResults' && name !== 'nextToken')
  return { ...Object.fromEntries(chosen.map(([name, value]) => [name, String(value)])), account: principal.accountId }
}
