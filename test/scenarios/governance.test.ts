import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { AssociateExternalConnectionCommand } from '@aws-sdk/client-codeartifact'
import type { PackyardClient } from '../../src/services/packyard/client.ts'
import { CargoClient, skipWithoutCargo } from '../support/cargo.ts'
import { type ClientName, skipWithoutClient } from '../support/clients.ts'
import { debianArtifacts, JavaClient, skipWithoutTool } from '../support/java-clients.ts'
import { pomText } from '../support/maven-package.ts'
import { apiClient, apiSigner } from '../support/packyard-api.ts'
import { firstDomain, type Packyard, type PackyardOptions, startPackyard } from '../support/packyard.ts'
import { type Run, until } from '../support/processes.ts'
import { pips, PythonUser, skipWithoutPip } from '../support/python-clients.ts'
import { type Setup, testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const domain = firstDomain as never
const contact = 'packages@acme.test'
const dayAgo = new Date(Date.now() - 86_400_000)
/** What messages say of it. */
const dayAgoText = `${dayAgo.toISOString().slice(0, 19)}Z`
const inSixDays = `${new Date(dayAgo.getTime() + 7 * 86_400_000).toISOString().slice(0, 19)}Z`

interface Stage {
  readonly yard: Packyard
  readonly api: PackyardClient
}

/** One process, so that the next request knows what the last one changed. */
async function begin(start: Setup['start'], connections: PackyardOptions['connections']): Promise<Stage> {
  const yard = await start({ ...(connections && { connections }), processes: 1 })
  return { yard, api: apiClient(apiSigner(yard)) }
}

function putRule(
  { api }: Stage,
  rule: string,
  kind: string,
  parameters: object,
  mode: 'enforce' | 'monitor' = 'enforce',
) {
  const input = { domain, rule, kind, mode, parameters: { ...parameters }, contact }
  return api('PUT /packyard/v1/rules/{rule}', input)
}

const npmClients: readonly ClientName[] = ['npm 11', 'pnpm 12']

testOnEachSetup('npm and pnpm under minimum age, approval, freeze and a broken glass', {}, async (t, setup) => {
  const upstream = await startUpstream(t, {
    npm: [
      { name: 'aging', version: '1.0.0' },
      { name: 'aging', version: '1.1.0', publishedAt: dayAgo },
      { name: 'risky', version: '1.0.0' },
      { name: 'risky', version: '1.0.1' },
    ],
  })
  const stage = await begin(setup.start, { 'public:npmjs': { url: upstream.url } })
  for (const name of npmClients) {
    const skip = skipWithoutClient(name)
    await t.test(`${name}: a young version`, { skip }, () => useYoung(stage, name))
    await t.test(`${name}: approval`, { skip }, () => useApproval(stage, name))
  }
})

/**
 * The newest pnpm shows status and address of a failure, and nothing that a server says; and it looks for the versions of a
 * lock file in the index before it asks for them.
 */
function printsReasons(name: ClientName): boolean {
  return !name.startsWith('pnpm')
}

function flatten({ output }: Run): string {
  return output.replace(/\s+/g, ' ')
}

async function useYoung(stage: Stage, name: ClientName): Promise<void> {
  const client = await stage.yard.client(name)
  await client.add('aging')
  assert.equal(await client.installed('aging'), 'aging@1.1.0')
  await putRule(stage, 'fresh', 'minimum-age', { days: 7 })

  await client.forget()
  const refused = await client.attempt(client.kind.frozen)
  assert.notEqual(refused.code, 0)
  const flat = flatten(refused)
  if (!printsReasons(name)) assert.match(flat, /aging@1\.1\.0 could not be checked .*version not present in registry/)
  else {
    assert.ok(
      flat.includes(`aging 1.1.0 is held by rule 'fresh' (minimum-age): published ${dayAgoText}`),
      refused.output,
    )
    assert.ok(flat.includes(`available on ${inSixDays}; ask for approval: ${contact}`), refused.output)
  }

  const other = await stage.yard.client(name)
  await other.add('aging')
  assert.equal(await other.installed('aging'), 'aging@1.0.0', 'latest points at what is left')

  const frozen = await stage.yard.client(name)
  await stage.api('DELETE /packyard/v1/rules/{rule}', { domain, rule: 'fresh' })
  await putRule(stage, 'still', 'freeze', { at: '2025-01-01' })
  await frozen.add('aging')
  assert.equal(await frozen.installed('aging'), 'aging@1.0.0')
  const glass = { format: 'npm', package: 'aging', versions: '1.1.0', comment: 'it is urgent' } as const
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  await stage.api('POST /packyard/v1/break-glass', { domain, ...glass, expiresAt })
  await client.forget()
  await client.installFrozen()
  assert.equal(await client.installed('aging'), 'aging@1.1.0')
  const { decisions } = await stage.api('GET /packyard/v1/decisions', { domain })
  for (const { id } of decisions)
    await stage.api('DELETE /packyard/v1/decisions/{decisionId}', { domain, decisionId: id })
  await stage.api('DELETE /packyard/v1/rules/{rule}', { domain, rule: 'still' })
}

async function useApproval(stage: Stage, name: ClientName): Promise<void> {
  const { yard, api } = stage
  await putRule(stage, 'outside', 'approval', {})
  const client = await yard.client(name)
  const refused = await client.attempt(`${client.kind.add} risky`)
  assert.notEqual(refused.code, 0)
  const said = `every version of risky is held by rule 'outside' (approval): it has not been approved yet; ask for approval: ${contact}`
  assert.ok(flatten(refused).includes(printsReasons(name) ? said : '403 Forbidden'), refused.output)

  const request = await until('somebody asks for it', async () => {
    const { requests } = await api('GET /packyard/v1/approval-requests', { domain })
    return requests.find((one) => one.package === 'risky')
  })
  assert.deepEqual([request.repository, request.version, request.rule], ['main', '*', 'outside'])
  assert.deepEqual(request.askedBy, ['arn:aws:iam::000000000000:user/admin'])
  await api('POST /packyard/v1/approvals', { domain, requestId: request.id, versions: '1.0.0', comment: 'read it' })

  await client.add('risky')
  assert.equal(await client.installed('risky'), 'risky@1.0.0')
  const answered = await api('GET /packyard/v1/approval-requests/{requestId}', { domain, requestId: request.id })
  assert.equal(answered.request.state, 'approved')
  await api('POST /packyard/v1/denials', { domain, requestId: request.id, versions: '1.0.0', comment: 'it steals' })
  await client.forget()
  const denied = await client.attempt(client.kind.frozen)
  assert.notEqual(denied.code, 0)
  const why = /risky 1\.0\.0 is held by rule 'outside' \(approval\): denied \S+Z: it steals/
  assert.match(flatten(denied), printsReasons(name) ? why : /403 Forbidden/)
  const { decisions } = await api('GET /packyard/v1/decisions', { domain })
  for (const { id } of decisions) await api('DELETE /packyard/v1/decisions/{decisionId}', { domain, decisionId: id })
  await api('DELETE /packyard/v1/rules/{rule}', { domain, rule: 'outside' })
}

test('pip passes over a young version, and says why when it is told to take it', {
  skip: skipWithoutPip,
}, async (t) => {
  const upstream = await startUpstream(t, {
    pypi: ['aging@1.0', { name: 'aging', version: '1.1', uploadedAt: dayAgo.toISOString() }, 'risky@1.0'],
  })
  const stage = await begin((options) => startPackyard(t, options), { 'public:pypi': { url: upstream.url } })
  const [pip] = pips
  const user = await PythonUser.create(
    stage.yard.folder,
    await stage.yard.endpoint('main', 'pypi'),
    await stage.yard.token(),
  )
  await user.install(pip, 'aging==1.1')
  await putRule(stage, 'fresh', 'minimum-age', { days: 7 })

  await user.install(pip, 'aging')
  assert.equal(await user.installed('aging'), '1.0')
  const refused = await user.attemptInstall(pip, 'aging==1.1')
  assert.notEqual(refused.code, 0)
  assert.ok(
    refused.output.includes(
      `403 Client Error: aging 1.1 is held by rule 'fresh' (minimum-age): published ${dayAgoText}`,
    ),
    refused.output,
  )
  assert.ok(refused.output.includes(`available on ${inSixDays}`), refused.output)

  await putRule(stage, 'outside', 'approval', {})
  assert.notEqual((await user.attemptInstall(pip, 'risky')).code, 0)
  const named = await user.attemptInstall(pip, 'risky==1.0')
  assert.match(named.output, /risky 1\.0 is held by rule 'outside' \(approval\): it has not been approved yet/)
  const request = await until('somebody asks for it', async () => {
    const { requests } = await stage.api('GET /packyard/v1/approval-requests', { domain })
    return requests.find((one) => one.package === 'risky' && one.version === '*')
  })
  await stage.api('POST /packyard/v1/approvals', { domain, requestId: request.id })
  await user.install(pip, 'risky')
  assert.equal(await user.installed('risky'), '1.0')
})

test('Cargo builds with what is old enough, and says why a locked crate is held', {
  skip: skipWithoutCargo(),
}, async (t) => {
  const pubtime = (time: Date) => time.toISOString().replace(/\.\d+Z$/, 'Z')
  const upstream = await startUpstream(t, {
    cargo: [
      { name: 'aging', version: '1.0.0', pubtime: '2024-01-01T00:00:00Z' },
      { name: 'aging', version: '1.1.0', pubtime: pubtime(dayAgo) },
      { name: 'undated', version: '1.0.0' },
    ],
  })
  const stage = await begin((options) => startPackyard(t, options), { 'public:crates-io': { url: upstream.cargo.url } })
  const { yard } = stage
  const repository = await yard.createRepository('crates', [])
  await yard.sdk.send(
    new AssociateExternalConnectionCommand({ domain, repository, externalConnection: 'public:crates-io' }),
  )
  const cargo = await CargoClient.create(yard.folder, {
    endpoint: await yard.endpoint('crates', 'cargo'),
    token: await yard.token(),
    login: 'token from a command',
  })
  await cargo.run('add aging@1')
  await cargo.run('fetch')
  assert.deepEqual(await cargo.locked('aging'), ['1.1.0'])
  await putRule(stage, 'fresh', 'minimum-age', { days: 7 })

  await cargo.forget()
  const refused = await cargo.attempt('fetch --locked')
  assert.notEqual(refused.code, 0)
  const said = `aging 1.1.0 is held by rule 'fresh' (minimum-age): published ${pubtime(dayAgo)}, less than 7 days ago`
  assert.ok(refused.output.includes(said), refused.output)
  await cargo.unlock()
  await cargo.run('fetch')
  assert.deepEqual(await cargo.locked('aging'), ['1.0.0'])

  const undated = await cargo.attempt('add undated@1')
  assert.notEqual(undated.code, 0)
  assert.match(
    undated.output,
    /every version of undated is held by rule 'fresh' .*: nobody says when it was published, and it must be 7 days old/,
  )
})

test('Maven resolves what is old enough, by the time of its files', { skip: skipWithoutTool('mvn') }, async (t) => {
  const young = { coordinates: 'org.tools:tiny:1.5', publishedAt: dayAgo }
  const upstream = await startUpstream(t, { maven: ['org.tools:tiny:1.0', young] })
  upstream.maven.folder = debianArtifacts
  const stage = await begin((options) => startPackyard(t, options), {
    'public:maven-central': { url: upstream.maven.url },
  })
  const endpoint = await stage.yard.endpoint('main', 'maven')
  const maven = await JavaClient.create(stage.yard.folder, { endpoint, token: await stage.yard.token() })
  await putRule(stage, 'fresh', 'minimum-age', { days: 7 })
  const depending = (version: string) => {
    const dependency = `<groupId>org.tools</groupId><artifactId>tiny</artifactId><version>${version}</version>`
    return pomText('com.acme:user:1.0', {
      pom: `<dependencies><dependency>${dependency}</dependency></dependencies>`,
    })
  }
  await maven.write({ 'range/pom.xml': depending('[1.0,2.0)'), 'exact/pom.xml': depending('1.5') })
  const resolved = await maven.maven('dependency:copy-dependencies', 'range')
  assert.match(resolved.output, /Copying tiny-1\.0\.jar/)
  const refused = await maven.attemptMaven('dependency:copy-dependencies', 'exact')
  assert.notEqual(refused.code, 0)
  assert.ok(
    refused.output.includes(`org.tools:tiny 1.5 is held by rule 'fresh' (minimum-age): published ${dayAgoText}`),
    refused.output,
  )
  await explainIsHeld(t, stage)
})

async function explainIsHeld(_t: TestContext, { api }: Stage): Promise<void> {
  const about = {
    domain,
    repository: 'main' as never,
    format: 'maven',
    namespace: 'org.tools',
    package: 'tiny',
  } as const
  const { verdict, governance } = await api('GET /packyard/v1/packages/explanation', { ...about, version: '1.5' })
  assert.match(verdict ?? '', /^1\.5 is not given: org\.tools:tiny 1\.5 is held by rule 'fresh'/)
  assert.equal(governance.length, 1)
}
