import assert from 'node:assert/strict'
import { AssociateExternalConnectionCommand } from '@aws-sdk/client-codeartifact'
import { type Crate, publishBody } from './cargo-crate.ts'
import { firstDomain, type Packyard, startPackyard, type TestLifetime } from './packyard.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** The repository that a `CargoWire` speaks to; public crates come from the upstream. */
export const crateRepository = 'crates'

/** Speaks Cargo's protocol without Cargo, for what it would not send. */
export interface CargoWire {
  readonly yard: Packyard
  readonly upstream: Upstream
  readonly endpoint: string
  readonly token: string
  request(method: string, path: string, init?: RequestInit): Promise<Response>
  publish(crate: Crate, body?: Buffer): Promise<Response>
}

/** A server and an upstream that end with the test. */
export async function openCargoWire(t: TestLifetime): Promise<CargoWire> {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { processes: 1, connections: { 'public:crates-io': upstream.cargo.url } })
  await yard.createRepository(crateRepository, [])
  const association = { domain: firstDomain, repository: crateRepository, externalConnection: 'public:crates-io' }
  await yard.sdk.send(new AssociateExternalConnectionCommand(association))
  const endpoint = await yard.endpoint(crateRepository, 'cargo')
  const token = await yard.token()
  const request = (method: string, path: string, init: RequestInit = {}) =>
    fetch(endpoint + path, { redirect: 'manual', ...init, method, headers: { authorization: token, ...init.headers } })
  const publish = ({ metadata, bytes }: Crate, body = publishBody(metadata, bytes)) =>
    request('PUT', 'api/v1/crates/new', { body })
  return { yard, upstream, endpoint, token, request, publish }
}

/** What Cargo would show a person. */
export async function detail(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { detail: string }[] }
  return errors.map((error) => error.detail).join('\n')
}

/** The versions of a file of the index. */
export async function lines(response: Response): Promise<Record<string, unknown>[]> {
  assert.equal(response.status, 200)
  const text = await response.text()
  assert.ok(text.endsWith('\n'))
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
