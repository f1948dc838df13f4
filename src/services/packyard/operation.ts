import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox'
import type { DecisionOptions } from '../../access/authorize.ts'
import type { Caller } from '../../access/principal.ts'
import type { Listing } from '../../aws/page-token.ts'
import type { Call, Method, Reply } from '../../http/call.ts'
import type { PageKey, PageRequest } from '../../registry/pages.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { decode } from '../codeartifact/decode.ts'
import type { Target } from '../codeartifact/targets.ts'
import { type GivenInput, refuseUnknown } from './input.ts'
import type { PackyardParts } from './parts.ts'

/** Method and path; `{name}` takes one segment. What the path does not take is in the query, or in the body of a POST. */
export type HttpBinding = `${Method} /packyard/v1/${string}`

/** One call of an operation: decoded, and authorized. */
export interface OperationCall<Input, Address> {
  readonly parts: PackyardParts
  readonly registry: RegistryParts
  readonly caller: Caller
  readonly call: Call
  readonly input: Input
  readonly address: Address
  /** The page that was asked for. Throws `PageTokenError`. */
  page(defaultSize: number): PageRequest
  /** The token for the page after; undefined after the last. */
  nextToken(key: PageKey | undefined): string | undefined
}

/** What names the resource of a call. */
export interface OperationScope {
  readonly registry: RegistryParts
  readonly caller: Caller
  readonly parts: PackyardParts
}

interface Definition<Http extends HttpBinding, Input extends TProperties, Address> {
  readonly http: Http
  /** One sentence, for the description of the API. */
  readonly summary: string
  /**
   * What the caller must be allowed on the resource: `packyard:` and the operation's name unless it says otherwise, as
   * where it really is an action of AWS's. `none`: nothing, for what everybody who is known may know.
   */
  readonly action?: `${string}:${string}` | 'none'
  readonly input: Input
  target(
    input: Static<TObject<Input>>,
    scope: OperationScope,
  ): OperationTarget<Address> | Promise<OperationTarget<Address>>
}

/** As in CodeArtifact's table, with what only this request brings to the decision. */
export type OperationTarget<Address> = Target<Address> & { readonly options?: DecisionOptions }

/** A row of the table, as it is written. */
export interface OperationDefinition<
  Http extends HttpBinding,
  Input extends TProperties,
  Output extends TSchema,
  Address,
> extends Definition<Http, Input, Address> {
  readonly output: Output
  run(call: OperationCall<Static<TObject<Input>>, Address>): Promise<Static<Output>>
}

/** A row whose answer is no JSON object: a file, a stream of events. */
export interface ReplyDefinition<Http extends HttpBinding, Input extends TProperties, Address>
  extends Definition<Http, Input, Address> {
  /** The media type of the answer, for the description of the API. */
  readonly output: string
  run(call: OperationCall<Static<TObject<Input>>, Address>): Promise<Reply>
}

/** A row of the table, as the plane runs it. `Input` and `Output` are for those who make clients of the table. */
export interface Operation<Http extends HttpBinding = HttpBinding, Input = never, Output = unknown> {
  readonly http: Http
  readonly summary: string
  readonly action: string | undefined
  readonly input: TObject
  readonly output: TSchema | string
  /** Nobody calls it; it carries the types. */
  readonly shape?: (input: Input) => Output
  run(request: OperationRequest): Promise<Reply>
}

export interface OperationRequest {
  readonly parts: PackyardParts
  readonly name: string
  readonly call: Call
  readonly caller: Caller
  readonly given: GivenInput
}

export function operation<const Http extends HttpBinding, Input extends TProperties, Output extends TSchema, Address>(
  definition: OperationDefinition<Http, Input, Output, Address>,
): Operation<Http, Static<TObject<Input>>, Static<Output>> {
  return row(definition, async (call) => renderJson(await definition.run(call)))
}

export function replyOperation<const Http extends HttpBinding, Input extends TProperties, Address>(
  definition: ReplyDefinition<Http, Input, Address>,
): Operation<Http, Static<TObject<Input>>, Reply> {
  return row(definition, (call) => definition.run(call))
}

function row<Http extends HttpBinding, Input extends TProperties, Address>(
  definition: Definition<Http, Input, Address> & { readonly output: TSchema | string },
  answer: (call: OperationCall<Static<TObject<Input>>, Address>) => Promise<Reply>,
) {
  const schema = Type.Object(definition.input)
  return {
    http: definition.http,
    summary: definition.summary,
    action: definition.action,
    input: schema as TObject,
    output: definition.output,
    async run(request: OperationRequest): Promise<Reply> {
      const { parts, name, caller, call, given } = request
      const { registry } = parts
      refuseUnknown(schema, given)
      const input = decode(schema, { query: new Map(), body: given })
      const target = await definition.target(input, { registry, caller, parts })
      await authorize(registry, caller, actionOf(name, definition.action), target)
      const pages = pagesOf(request, input)
      return answer({ parts, registry, caller, call, input, address: target.address, ...pages })
    },
  }
}

/** The permission that the row of this name asks for; undefined where it asks for none. */
export function actionOf(name: string, action: string | undefined): string | undefined {
  return action === 'none' ? undefined : (action ?? `packyard:${name}`)
}

async function authorize(
  { authorizer }: RegistryParts,
  caller: Caller,
  action: string | undefined,
  { resource, namedAs, also = [], options: given }: OperationTarget<unknown>,
): Promise<void> {
  const options = namedAs === undefined ? given : { ...given, namedAs }
  const own = action === undefined ? [] : [{ action, resource, options }]
  for (const need of [...own, ...also]) {
    await authorizer.prepare(need.resource)
    authorizer.authorize(caller, need.action, need.resource, need.options)
  }
}

/** A token is good for the same caller's account and the same parameters; the size of a page may change. */
function pagesOf({ parts: { pageTokens }, name, caller }: OperationRequest, input: object) {
  const { maxResults, nextToken, ...chosen } = input as { maxResults?: number; nextToken?: string }
  const filters = { input: JSON.stringify(chosen), account: caller.principal.accountId }
  const listing: Listing = { operation: `packyard:${name}`, filters }
  return {
    page: (defaultSize: number): PageRequest => ({
      size: maxResults ?? defaultSize,
      ...(nextToken === undefined ? {} : { after: pageTokens.read(listing, nextToken) }),
    }),
    nextToken: (key: PageKey | undefined) => (key ? pageTokens.issue(listing, key) : undefined),
  }
}

function renderJson(value: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  return { status: 200, headers, body: JSON.stringify(value) }
}
