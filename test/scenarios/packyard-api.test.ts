import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Check } from 'typebox/value'
import { PackyardError } from '../../src/services/packyard/client.ts'
import { operations } from '../../src/services/packyard/operations.ts'
import { ConsoleBrowser } from '../support/console-browser.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { apiClient, apiSigner, callApi, createApiUser } from '../support/packyard-api.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'
import { allowing, packyard } from '../support/users.ts'

const admin = 'arn:aws:iam::000000000000:user/admin'

/** The answer has the shape that the table promises. */
function isShaped(name: keyof typeof operations, answer: unknown): void {
  const { output } = operations[name]
  assert.ok(typeof output === 'object' && Check(output, answer), `${name}: ${JSON.stringify(answer)}`)
}

async function published(yard: Packyard): Promise<NpmWire> {
  const wire = new NpmWire(await yard.endpoint(await yard.createRepository('own', [])), await yard.token())
  assert.equal((await wire.publish('@team/lib@1.0.0')).status, 201)
  return wire
}

testOnEachSetup('a caller learns who it is, what it may do, and why not the rest', {}, async (_t, setup) => {
  const yard = await setup.start()
  const api = apiClient(apiSigner(yard))
  const caller = await api('GET /packyard/v1/caller')
  isShaped('DescribeCaller', caller)
  assert.deepEqual([caller.principal.arn, caller.principal.kind, caller.region], [admin, 'user', 'us-east-1'])

  const reader = apiClient(await createApiUser(yard, 'reader', allowing('codeartifact:List*')))
  const resource = 'arn:aws:codeartifact:us-east-1:000000000000:repository/packyard/main'
  const actions = ['codeartifact:ListPackages', 'codeartifact:DeleteRepository']
  const { answers } = await reader('POST /packyard/v1/caller/access', { actions, resources: [resource, '*'] })
  isShaped('SimulateAccess', { answers })
  assert.deepEqual(
    answers.map(({ isAllowed }) => isAllowed),
    [true, false, true, false],
  )
  assert.equal(
    answers[1]?.reason,
    'User: arn:aws:iam::000000000000:user/reader is not authorized to perform: codeartifact:DeleteRepository ' +
      `on resource: ${resource} because no identity-based policy allows the codeartifact:DeleteRepository action`,
  )
  await assert.rejects(
    reader('GET /packyard/v1/jobs'),
    (error) =>
      error instanceof PackyardError &&
      error.status === 403 &&
      error.code === 'AccessDeniedException' &&
      error.message.includes('packyard:ListJobs on resource: arn:aws:packyard:us-east-1:000000000000:job/*') &&
      /^[0-9a-f-]{36}$/.test(error.requestId),
  )
})

testOnEachSetup('tokens are listed by pages and taken back at once', {}, async (_t, setup) => {
  const yard = await setup.start({ processes: 2 })
  const api = apiClient(apiSigner(yard))
  const wire = await published(yard)
  await yard.token()
  const first = await api('GET /packyard/v1/tokens', { maxResults: 1 })
  isShaped('ListTokens', first)
  const second = await api('GET /packyard/v1/tokens', { maxResults: 1, nextToken: first.nextToken ?? '' })
  assert.equal(second.nextToken, undefined)
  const [early] = second.tokens
  assert.ok(early && early.tokenId !== first.tokens[0]?.tokenId)
  assert.deepEqual([early.domain, early.principalArn, early.isRevoked], ['packyard', admin, false])

  assert.equal((await wire.get('@team/lib')).status, 200)
  isShaped('RevokeToken', await api('DELETE /packyard/v1/tokens/{tokenId}', { tokenId: early.tokenId }))
  await until('every process to refuse it', async () => {
    for (let at = 0; at < 8; at++) if ((await wire.get('@team/lib')).status !== 401) return undefined
    return true
  })
  const listed = await api('GET /packyard/v1/tokens')
  assert.deepEqual(
    listed.tokens.map(({ isRevoked }) => isRevoked),
    [false, true],
  )
  await assert.rejects(
    api('DELETE /packyard/v1/tokens/{tokenId}', { tokenId: early.tokenId }),
    /there is no token '.*' that could be taken back/,
  )
})

testOnEachSetup('usage, savings and audit records are told', {}, async (_t, setup) => {
  const yard = await setup.start()
  const api = apiClient(apiSigner(yard))
  const wire = await published(yard)
  assert.equal((await wire.tarball('@team/lib', '1.0.0')).status, 200)
  const usage = await until('the counts', async () => {
    const found = await api('GET /packyard/v1/usage', { by: 'package' })
    return found.rows.length > 0 ? found : undefined
  })
  isShaped('GetUsage', usage)
  assert.deepEqual(
    usage.rows.map(({ name }) => name),
    ['000000000000/packyard/npm/team/lib'],
  )
  const daily = await api('GET /packyard/v1/usage/daily', {})
  isShaped('GetDailyUsage', daily)
  assert.deepEqual(
    daily.days.map(({ requests }) => requests),
    [usage.rows[0]?.requests],
  )
  const saved = await api('GET /packyard/v1/savings', { domain: 'packyard' as never })
  isShaped('GetSavings', saved)
  assert.equal(saved.savedBytes, 0)
  assert.equal(saved.heldBytes, saved.storedBytes)

  const trail = await until('the record', async () => {
    const found = await api('GET /packyard/v1/audit-records', {
      attribute: 'EventName',
      value: 'PublishPackageVersion',
    })
    return found.records.length > 0 ? found : undefined
  })
  isShaped('ListAuditRecords', trail)
  assert.deepEqual([trail.records.length, trail.records[0]?.userArn], [1, admin])
  const own = await until('the record of a call of this API', async () => {
    const found = await api('GET /packyard/v1/audit-records', { attribute: 'EventName', value: 'GetSavings' })
    return found.records[0]
  })
  assert.equal(own.eventSource, 'packyard.amazonaws.com')
  assert.equal(own.isReadOnly, true)
})

testOnEachSetup('jobs, and the health of all parts, are told', {}, async (t, setup) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await setup.start({
    processes: 1,
    connections: { 'public:npmjs': upstream.url, 'public:pypi': 'http://127.0.0.1:9/' },
  })
  const api = apiClient(apiSigner(yard))
  const { jobs } = await until('the nightly job', async () => {
    const found = await api('GET /packyard/v1/jobs')
    return found.jobs.some(({ kind }) => kind === 'gc') ? found : undefined
  })
  isShaped('ListJobs', { jobs })
  const job = jobs.find(({ kind }) => kind === 'gc')
  assert.equal(job?.state, 'waiting')
  const found = await api('GET /packyard/v1/jobs/{id}', { id: job?.id ?? '' })
  isShaped('GetJob', found)
  assert.deepEqual(found.job, job)
  await assert.rejects(api('GET /packyard/v1/jobs/{id}', { id: 'none' }), /there is no job 'none'/)

  const token = await yard.token()
  const wire = new NpmWire(await yard.endpoint('main'), token)
  assert.equal((await wire.get('tiny')).status, 200)
  await fetch(`${await yard.endpoint('main', 'pypi')}simple/none/`, { headers: { authorization: `Bearer ${token}` } })
  const health = await api('GET /packyard/v1/health')
  isShaped('GetHealth', health)
  assert.deepEqual([health.database.isHealthy, health.blobs.isHealthy], [true, true])
  const state = (name: string) => health.upstreams.find((one) => one.name === name)?.state
  assert.deepEqual(['public:npmjs', 'public:pypi', 'public:crates-io'].map(state), ['healthy', 'failing', 'unused'])
})

testOnEachSetup('a package is explained, and how to connect to its repository', {}, async (_t, setup) => {
  const yard = await setup.start()
  const api = apiClient(apiSigner(yard))
  await published(yard)
  const place = { domain: 'packyard' as never, repository: 'own' as never }
  const explained = await api('GET /packyard/v1/packages/explanation', {
    ...place,
    format: 'npm',
    namespace: 'team',
    package: 'lib',
    version: '1.0.0',
  })
  isShaped('GetPackageExplanation', explained)
  assert.deepEqual(explained.hops[0]?.versions, ['1.0.0 Published INTERNAL own'])
  assert.equal(explained.verdict, "1.0.0 is visible: 'own' decides, where it is Published")
  const { endpoint, steps } = await api('GET /packyard/v1/connection-instructions', { ...place, format: 'npm' })
  isShaped('GetConnectionInstructions', { endpoint, steps })
  assert.equal(endpoint, `${yard.url}/npm/d/packyard-000000000000/own/`)
  assert.ok(steps.some(({ text }) => text.includes(endpoint)))
})

test('what is wrong with a request is said in one shape, naming field, value and rule', async (t) => {
  const yard = await startPackyard(t)
  const signer = apiSigner(yard)
  const refused = async (
    target: string,
    status: number,
    code: string,
    message: RegExp,
    method = 'GET',
    body?: string,
  ) => {
    const answer = await callApi(signer, { target, method, body })
    const failure = JSON.parse(answer.text) as Record<string, string>
    assert.deepEqual([answer.status, failure['code']], [status, code], answer.text)
    assert.match(failure['message'] ?? '', message)
    assert.equal(failure['requestId'], answer.headers.get('x-amzn-requestid'))
  }
  const invalid = (target: string, message: RegExp, method?: string, body?: string) =>
    refused(target, 400, 'ValidationException', message, method, body)
  await invalid('/packyard/v1/usage', /^by is required$/)
  await invalid('/packyard/v1/usage?by=week', /^by 'week' must be one of account, domain, /)
  await invalid('/packyard/v1/usage?by=account&from=2026-13-01', /^from '2026-13-01' must be a day, as 2026-01-31$/)
  await invalid('/packyard/v1/tokens?maxResults=1001', /^maxResults '1001' must be a whole number from 1 to 1000$/)
  await invalid(
    '/packyard/v1/tokens?maxResult=1',
    /^parameter 'maxResult' is not known here; known are: principalArn, /,
  )
  await invalid('/packyard/v1/tokens?domain=a&domain=b', /^parameter 'domain' must not stand more than once$/)
  await invalid('/packyard/v1/tokens?nextToken=AAAA', /nextToken is not a token of this listing/)
  await invalid('/packyard/v1/caller/access', /^the request body is not JSON in UTF-8$/, 'POST', '{')
  await invalid(
    '/packyard/v1/caller/access',
    /^actions '\[\]' must be a list of 1 to 100 actions$/,
    'POST',
    '{"actions":[],"resources":["*"]}',
  )
  await refused('/packyard/v1/nothing', 404, 'UnknownOperationException', /there is nothing at/)
  await refused(
    '/packyard/v1/jobs',
    405,
    'UnknownOperationException',
    /method POST is not served here; allowed: GET/,
    'POST',
    '{}',
  )

  const wrongService = await callApi(signer, { target: '/packyard/v1/caller', service: 's3' })
  assert.equal(wrongService.status, 403)
  assert.match(wrongService.text, /Credential should be scoped to correct service: 'packyard'/)
  const unsigned = await fetch(`${yard.url}/packyard/v1/caller`)
  assert.deepEqual(
    [unsigned.status, ((await unsigned.json()) as { code: string }).code],
    [403, 'MissingAuthenticationTokenException'],
  )
})

test('the description of the API has every row of the table, and anybody may read it', async (t) => {
  const yard = await startPackyard(t)
  const response = await fetch(`${yard.url}/packyard/v1/openapi.json`)
  const { openapi, paths } = (await response.json()) as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; responses: Record<string, object> }>>
  }
  assert.equal(openapi, '3.1.0')
  const described = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  assert.deepEqual(described.toSorted(), Object.keys(operations).toSorted())
  assert.ok(paths['/packyard/v1/jobs/{id}']?.['get']?.responses['200'])
})

test("an administrator of another account has no say in what is the whole installation's", async (t) => {
  const yard = await startPackyard(t)
  const made = await packyard(yard, ['account', 'create', '111122223333', '--name', 'other'])
  assert.equal(made.code, 0, made.output)
  const field = (name: string) => new RegExp(`^${name}\\s*=\\s*(\\S+)`, 'm').exec(made.stdout)?.[1] ?? ''
  const credentials = {
    accessKeyId: field('aws_access_key_id'),
    secretAccessKey: yard.secret(field('aws_secret_access_key')),
  }
  const other = apiClient({ url: yard.url, credentials })
  assert.equal((await other('GET /packyard/v1/caller')).principal.accountId, '111122223333')
  await assert.rejects(other('GET /packyard/v1/jobs'), /is not authorized to perform: packyard:ListJobs/)
  await assert.rejects(other('GET /packyard/v1/health'), /is not authorized to perform: packyard:GetHealth/)
  assert.deepEqual((await other('GET /packyard/v1/tokens')).tokens, [])
})

testOnEachSetup('packages are searched, their READMEs shown and their assets saved', {}, async (_t, setup) => {
  const yard = await setup.start()
  const signer = apiSigner(yard)
  const api = apiClient(signer)
  await published(yard)
  const domain = 'packyard' as never
  const found = await api('GET /packyard/v1/packages/search', { domain, text: 'am/l' })
  isShaped('SearchPackages', found)
  assert.deepEqual(found, { packages: [{ format: 'npm', namespace: 'team', package: 'lib' }] })
  assert.deepEqual((await api('GET /packyard/v1/packages/search', { domain, text: 'none' })).packages, [])
  const lister = apiClient(await createApiUser(yard, 'lister', allowing('codeartifact:ListPackages')))
  const own = { domain, repository: 'own' as never, text: 'lib' }
  assert.equal((await lister('GET /packyard/v1/packages/search', own)).packages.length, 1)
  await assert.rejects(
    lister('GET /packyard/v1/packages/search', { domain, text: 'lib' }),
    /not authorized to perform: packyard:SearchPackages on resource: arn:aws:codeartifact:us-east-1:000000000000:domain\/packyard/,
  )

  const version = 'domain=packyard&repository=own&format=npm&namespace=team&package=lib&packageVersion=1.0.0'
  const asset = await callApi(signer, { target: `/packyard/v1/packages/asset?${version}&asset=package.tgz` })
  assert.equal(asset.status, 200, asset.text)
  assert.equal(
    asset.headers.get('content-disposition'),
    'attachment; filename="package.tgz"; filename*=UTF-8\'\'package.tgz',
  )
  assert.equal(asset.headers.get('content-security-policy'), "default-src 'none'; sandbox")
  assert.equal(asset.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(asset.headers.get('content-type'), 'application/octet-stream')
  const readme = await callApi(signer, { target: `/packyard/v1/packages/readme?${version}` })
  assert.ok(readme.status === 200 || readme.text.includes('has no readme'), readme.text)
})

testOnEachSetup('a job tells how far it has come, as long as somebody may listen', {}, async (_t, setup) => {
  const yard = await setup.start()
  const signer = apiSigner(yard)
  const { jobs } = await until('the nightly job', async () => {
    const found = await apiClient(signer)('GET /packyard/v1/jobs')
    return found.jobs.length > 0 ? found : undefined
  })
  const [job] = jobs
  const browser = new ConsoleBrowser(yard.url)
  await browser.signIn(signer)
  const stream = await browser.fetch(`/packyard/v1/jobs/${job?.id}/events`, {
    from: 'elsewhere',
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  assert.deepEqual([stream.status, stream.headers.get('content-type')], [200, 'text/event-stream'])
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let told = ''
  while (!told.includes('\n\n')) told += (await reader?.read())?.value ?? ''
  assert.deepEqual(JSON.parse(/^event: job\ndata: (.*)\n\n/.exec(told)?.[1] ?? ''), job)
  await browser.fetch('/packyard/v1/session', { method: 'DELETE' })
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) told += chunk.value
  assert.match(told, /\n\nevent: end\ndata: \{\}\n\n$/, 'the stream ends with the session')
  const none = await callApi(signer, { target: '/packyard/v1/jobs/none/events' })
  assert.equal(none.status, 404)
})
