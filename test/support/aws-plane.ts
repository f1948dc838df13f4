import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { AccessDeniedError } from '../../src/access/authorize.ts'
import type { Plane, Reply } from '../../src/http/call.ts'
import { serverLimits } from '../../src/http/limits.ts'
import type { RequestRecord } from '../../src/http/request-record.ts'
import { startServer } from '../../src/http/server.ts'
import { RegistryError } from '../../src/registry/errors.ts'
import { createAwsPlane } from '../../src/services/plane.ts'
import type { RestService } from '../../src/services/service.ts'
import { type IdentityStage, startIdentity } from './identity.ts'
import { identityServices } from './identity-services.ts'

/** The one host, besides its own, whose signatures the stage accepts. */
export const PUBLIC_HOST = 'packyard.example:8443'

export interface AwsStage extends IdentityStage {
  readonly url: string
  readonly host: string
  readonly records: readonly RequestRecord[]
  /** Signs with the stage's key unless told otherwise, and sends exactly what was signed. */
  send(draft: SignedDraft): Promise<Answer>
}

export interface SignedDraft {
  readonly method?: string
  /** Path and query as they go on the wire. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly service?: string
  readonly credentials?: Readonly<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>
  /** Unit: ms since 1970. */
  readonly at?: number
  /** The host that is signed, where a proxy puts another into the request. */
  readonly signedHost?: string
  /** SDKs for Python send no `x-amz-content-sha256`. */
  readonly payloadHash?: 'sent' | 'not sent'
  /** Changes the signed request before it is sent. */
  readonly tamper?: (sent: SentRequest) => SentRequest
}

export interface SentRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body of an answer in JSON. */
  readonly json: Record<string, unknown>
}

/** The AWS plane alone on a real server, with STS and a service that shows what the plane hands to operations. */
export async function startAwsPlane(t: TestContext): Promise<AwsStage> {
  const stage = await startIdentity(t)
  const records: RequestRecord[] = []
  const services = [showingService, ...identityServices(stage)]
  const plane = createAwsPlane({
    services,
    identity: stage.identity,
    sessions: stage.sessions,
    clock: () => stage.time.now,
    publicHosts: [PUBLIC_HOST],
  })
  const server = await startServer({
    planes: [dated(plane, stage)],
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    limits: { ...serverLimits, drainMs: 500 },
    newId: randomUUID,
    clock: () => performance.now(),
    observer: (record) => void records.push(record),
  })
  t.after(() => server.drain())
  const host = new URL(server.url).host
  return { ...stage, url: server.url, host, records, send: (draft) => sendSigned(stage, server.url, host, draft) }
}

/** Clients mend their clocks by the `Date` of an answer, so it has to come from the stage's clock too. */
function dated(plane: Plane, { time }: IdentityStage): Plane {
  const date = (reply: Reply) => ({ ...reply, headers: { ...reply.headers, Date: new Date(time.now).toUTCString() } })
  return {
    ...plane,
    handle: async (call) => date(await plane.handle(call)),
    renderError: (error, call) => date(plane.renderError(error, call)),
  }
}

/** Under CodeArtifact's name and addresses, so that its real clients can be used. */
const showingService: RestService = {
  protocol: 'rest-json',
  name: 'codeartifact',
  operations: {
    /** Shows the query and the body that it was given. */
    ListDomains: {
      http: 'POST /v1/domains',
      run: async ({ query, body, caller }) => ({
        members: { domains: [], query: Object.fromEntries(query), body, caller: caller.principal.arn },
      }),
    },
    DescribeDomain: {
      http: 'GET /v1/domain',
      run: async ({ query }) => ({
        members: {
          domain: { name: query.get('domain'), owner: query.get('domain-owner'), createdTime: 1_763_625_600.5 },
        },
      }),
    },
    /** Fails in the way that its description asks for. */
    CreateRepository: {
      http: 'POST /v1/repository',
      run: async ({ caller, body }) => {
        const resource = { resourceType: 'repository', resourceId: 'd/r' } as const
        switch (body['description']) {
          case 'denied':
            throw new AccessDeniedError(caller.principal, 'codeartifact:CreateRepository', 'arn:x')
          case 'throttled':
            throw new RegistryError('throttled', 'slow down', { retryAfterSeconds: 1.2 })
          case 'broken':
            throw new TypeError('a secret of the inside')
          default:
            throw new RegistryError(body['description'] as 'conflict', 'as asked for', resource)
        }
      },
    },
    PublishPackageVersion: {
      http: 'POST /v1/package/version/publish',
      input: 'stream',
      run: async ({ content, contentSha256, query }) => {
        const bytes = await buffer(content)
        return { members: { package: query.get('package'), version: bytes.toString(), versionRevision: contentSha256 } }
      },
    },
    GetPackageVersionAsset: {
      http: 'GET /v1/package/version/asset',
      run: async ({ query }) => ({
        content: Buffer.from('bytes'),
        headers: { 'Content-Type': 'application/octet-stream', 'X-AssetName': query.get('asset') ?? '' },
      }),
    },
  },
}

async function sendSigned(stage: IdentityStage, url: string, host: string, draft: SignedDraft): Promise<Answer> {
  const signed = await sign(stage, draft.signedHost ?? host, draft)
  const sent = draft.tamper ? draft.tamper(signed) : signed
  const mayCarryBody = sent.method !== 'GET'
  return answerTo(url + sent.target, {
    method: sent.method,
    headers: sent.headers,
    ...(mayCarryBody ? { body: sent.body } : {}),
  })
}

export async function answerTo(address: string, request: RequestInit): Promise<Answer> {
  const response = await fetch(address, request)
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== ''
  const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>
  return { status: response.status, headers: response.headers, text, json }
}

async function sign(stage: IdentityStage, host: string, draft: SignedDraft): Promise<SentRequest> {
  const { method = 'POST', target, headers = {}, body = '', service = 'codeartifact' } = draft
  const credentials = draft.credentials ?? stage.key
  const applyChecksum = draft.payloadHash !== 'not sent'
  const signer = new SignatureV4({ credentials, region: 'eu-west-3', service, sha256: Sha256, applyChecksum })
  const [path = '', query = ''] = target.split('?')
  const request = {
    method,
    protocol: 'http:',
    hostname: host,
    path,
    query: decodedQuery(query),
    headers: { ...headers, host },
    body,
  }
  const signed = await signer.sign(request, { signingDate: new Date(draft.at ?? stage.time.now) })
  return { method, target, headers: signed.headers, body }
}

/** A `%` that starts no escape is one: clients cannot send such, but somebody can. */
function decodedQuery(query: string): Record<string, string[]> {
  const decoded: Record<string, string[]> = {}
  for (const piece of query.split('&').filter((text) => text !== '')) {
    const [name = '', value = ''] = piece
      .split(/=(.*)/s)
      .map((text) => decodeURIComponent(text.replace('%zz', '%25zz')))
    decoded[name] = [...(decoded[name] ?? []), value]
  }
  return decoded
}
