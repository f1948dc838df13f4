import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConsoleBrowser, failureOf } from '../support/console-browser.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { apiClient, apiSigner, callApi, createApiUser } from '../support/packyard-api.ts'
import { startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { allowing } from '../support/users.ts'

const admin = 'arn:aws:iam::000000000000:user/admin'

testOnEachSetup(
  'an access key signs in to the console, and every API is called by the session',
  {},
  async (_t, setup) => {
    const yard = await setup.start({ processes: 2 })
    const signer = apiSigner(yard)
    const browser = new ConsoleBrowser(yard.url)
    const signedIn = await browser.signIn(signer)
    assert.equal(signedIn.status, 200)
    const { principal, idleSeconds } = (await signedIn.json()) as { principal: { arn: string }; idleSeconds: number }
    assert.deepEqual([principal.arn, idleSeconds], [admin, 1800])
    assert.match(
      browser.cookieLines[0] ?? '',
      /^packyard=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43\d{3}$/,
    )
    yard.secret(browser.cookies.get('packyard') ?? '')

    for (let at = 0; at < 6; at++) {
      const caller = await browser.fetch('/packyard/v1/caller')
      assert.equal(caller.status, 200)
      assert.equal(((await caller.json()) as { principal: { arn: string } }).principal.arn, admin)
    }
    const domains = await browser.fetch('/v1/domains', { method: 'POST', body: '{}' })
    assert.deepEqual(
      ((await domains.json()) as { domains: { name: string }[] }).domains.map(({ name }) => name),
      ['packyard'],
    )
    const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    const users = await browser.fetch('/', {
      method: 'POST',
      headers: form,
      body: 'Action=ListUsers&Version=2010-05-08',
    })
    assert.equal(users.status, 200)
    assert.match(await users.text(), /"UserName":"admin"/)
    const target = { 'x-amz-target': 'AWSEvents.ListEventBuses', 'content-type': 'application/x-amz-json-1.1' }
    const buses = await browser.fetch('/', { method: 'POST', headers: target, body: '{}' })
    assert.equal(buses.status, 200, await buses.clone().text())

    const made = await browser.fetch('/v1/repository?domain=packyard&repository=by-console', {
      method: 'POST',
      body: '{}',
    })
    assert.equal(made.status, 200)
    const record = await until('the record', async () => {
      const api = apiClient(signer)
      const { records } = await api('GET /packyard/v1/audit-records', {
        attribute: 'EventName',
        value: 'CreateRepository',
      })
      return records.find(({ record: whole }) => JSON.stringify(whole).includes('by-console'))
    })
    assert.equal((record.record as Record<string, unknown>)['sessionCredentialFromConsole'], 'true')
    assert.equal(record.userArn, admin)
    const login = await until('the record of the sign-in', async () => {
      const { records } = await apiClient(signer)('GET /packyard/v1/audit-records', {
        attribute: 'EventName',
        value: 'ConsoleLogin',
      })
      return records[0]
    })
    assert.equal(login.eventSource, 'signin.amazonaws.com')
    assert.ok(!JSON.stringify(login).includes(signer.credentials.secretAccessKey))
  },
)

testOnEachSetup('sessions are listed, ended by others, and by their owner', {}, async (_t, setup) => {
  const yard = await setup.start({ processes: 2 })
  const signer = apiSigner(yard)
  const api = apiClient(signer)
  const [first, second] = [new ConsoleBrowser(yard.url), new ConsoleBrowser(yard.url)]
  await first.signIn(signer)
  await second.signIn(signer, { headers: { 'user-agent': 'a browser' } })
  const page = await api('GET /packyard/v1/sessions', { maxResults: 1 })
  const rest = await api('GET /packyard/v1/sessions', { maxResults: 1, nextToken: page.nextToken ?? '' })
  assert.deepEqual([page.sessions.length, rest.sessions.length, rest.nextToken], [1, 1, undefined])
  const [listed] = [...page.sessions, ...rest.sessions].filter(({ userAgent }) => userAgent === 'a browser')
  assert.deepEqual([listed?.principalArn, listed?.accessKeyId], [admin, signer.credentials.accessKeyId])

  await api('DELETE /packyard/v1/sessions/{sessionId}', { sessionId: listed?.sessionId ?? '' })
  await until('every process to know', async () => {
    for (let at = 0; at < 6; at++) if ((await second.fetch('/packyard/v1/caller')).status !== 401) return undefined
    return true
  })
  assert.deepEqual(await failureOf(await second.fetch('/packyard/v1/session')), [401, 'SessionExpiredException'])
  assert.deepEqual(await failureOf(await second.fetch('/v1/domains', { method: 'POST', body: '{}' })), [
    401,
    'SessionExpiredException',
  ])

  const kept = new Map(first.cookies)
  assert.equal((await first.fetch('/packyard/v1/session')).status, 200)
  const out = await first.fetch('/packyard/v1/session', { method: 'DELETE' })
  assert.equal(out.status, 204)
  assert.equal(first.cookies.size, 0)
  for (const [name, value] of kept) first.cookies.set(name, value)
  await until('every process to know', async () => {
    for (let at = 0; at < 6; at++) if ((await first.fetch('/packyard/v1/caller')).status !== 401) return undefined
    return true
  })
})

testOnEachSetup('a session ends with its key, and can do what its principal may', {}, async (_t, setup) => {
  const yard = await setup.start()
  const reader = await createApiUser(yard, 'reader', allowing('codeartifact:ListDomains'))
  const browser = new ConsoleBrowser(yard.url)
  assert.equal((await browser.signIn(reader)).status, 200)
  assert.equal((await browser.fetch('/v1/domains', { method: 'POST', body: '{}' })).status, 200)
  const denied = await browser.fetch('/v1/domain?domain=packyard', { method: 'DELETE' })
  assert.deepEqual(await failureOf(denied), [403, 'AccessDeniedException'])

  const { accessKeyId } = reader.credentials
  const body = new URLSearchParams({
    Version: '2010-05-08',
    Action: 'UpdateAccessKey',
    UserName: 'reader',
    AccessKeyId: accessKeyId,
    Status: 'Inactive',
  })
  const contentType = 'application/x-www-form-urlencoded'
  const off = await callApi(apiSigner(yard), {
    method: 'POST',
    target: '/',
    body: body.toString(),
    service: 'iam',
    contentType,
  })
  assert.equal(off.status, 200, off.text)
  await until('the session to end', async () => {
    return (await browser.fetch('/packyard/v1/caller')).status === 401 || undefined
  })
})

test('a session that nobody uses ends, and none outlives its time', async (t) => {
  const env = { PACKYARD_CONSOLE_IDLE_SECONDS: '60', PACKYARD_CONSOLE_SESSION_SECONDS: '900' }
  const yard = await startPackyard(t, { env })
  const browser = new ConsoleBrowser(yard.url)
  const { expiresAt } = (await (await browser.signIn(apiSigner(yard))).json()) as { expiresAt: string }
  const left = Date.parse(expiresAt) - Date.now()
  assert.ok(left > 800_000 && left <= 900_000, `${left} ms`)
})

test('what another site may have sent is refused, whatever cookie it bears', async (t) => {
  const yard = await startPackyard(t)
  const signer = apiSigner(yard)
  const browser = new ConsoleBrowser(yard.url)
  await browser.signIn(signer)
  const refused = async (target: string, method: string, headers: Record<string, string>, from?: 'elsewhere') => {
    const response = await browser.fetch(target, {
      method,
      headers,
      ...(from && { from }),
      ...(method === 'POST' && { body: '{}' }),
    })
    assert.deepEqual(
      await failureOf(response),
      [403, 'CrossSiteRequestException'],
      `${method} ${target} ${JSON.stringify(headers)}`,
    )
  }
  await refused('/v1/domains', 'POST', { origin: yard.url }, 'elsewhere')
  await refused('/v1/domains', 'POST', { 'x-packyard-console': '1' }, 'elsewhere')
  await refused('/v1/domains', 'POST', { origin: 'http://evil.example' })
  await refused('/v1/domains', 'POST', { 'sec-fetch-site': 'cross-site' })
  await refused('/v1/domains', 'POST', { 'sec-fetch-site': 'same-site' })
  await refused('/packyard/v1/caller/access', 'POST', { origin: 'null' })
  await refused('/packyard/v1/caller', 'GET', { 'sec-fetch-site': 'cross-site' }, 'elsewhere')
  await refused('/packyard/v1/session', 'DELETE', { origin: 'http://evil.example' })
  // Operations of AWS can change something by GET.
  const byGet = await browser.fetch('/?Action=CreateUser&UserName=x&Version=2010-05-08', { from: 'elsewhere' })
  assert.equal(byGet.status, 403)
  assert.match(await byGet.text(), /<Code>CrossSiteRequestException<\/Code>/)
  const login = await new ConsoleBrowser(yard.url).signIn(signer, { headers: { origin: 'http://evil.example' } })
  assert.deepEqual(await failureOf(login), [403, 'CrossSiteRequestException'])
  const stream = await browser.fetch('/packyard/v1/caller', {
    from: 'elsewhere',
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  assert.equal(stream.status, 200, 'links and event streams cannot bear the header')
})

test('the cookie opens no package endpoint', async (t) => {
  const yard = await startPackyard(t)
  const browser = new ConsoleBrowser(yard.url)
  await browser.signIn(apiSigner(yard))
  const endpoint = await yard.endpoint(await yard.createRepository('own', []))
  assert.equal((await browser.fetch(`${new URL(endpoint).pathname}none`)).status, 401)
  assert.equal((await new NpmWire(endpoint, await yard.token()).get('none')).status, 404)
})

test('a wrong secret, an unknown key and too many attempts are refused alike', async (t) => {
  const yard = await startPackyard(t, { processes: 1 })
  const { credentials } = apiSigner(yard)
  const browser = new ConsoleBrowser(yard.url)
  const wrong = { ...credentials, secretAccessKey: 'x'.repeat(40) }
  const answers = [
    wrong,
    { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x'.repeat(40) },
    { ...credentials, sessionToken: 'x' },
  ]
  const texts = new Set<string>()
  for (const one of answers) {
    const response = await browser.signIn({ credentials: one })
    const { message, code } = (await response.json()) as { message: string; code: string }
    assert.deepEqual([response.status, code], [403, 'SignInRefusedException'])
    texts.add(message)
  }
  assert.equal(texts.size, 1)
  assert.equal(browser.cookies.size, 0)
  for (let at = 0; at < 9; at++) await browser.signIn({ credentials: wrong })
  const late = await browser.signIn({ credentials })
  assert.deepEqual(await failureOf(late), [429, 'ThrottlingException'])
  assert.ok(Number(late.headers.get('retry-after')) >= 1)
  const malformed = await browser.fetch('/packyard/v1/session', { method: 'POST', body: '{"accessKeyId":1}' })
  assert.deepEqual(await failureOf(malformed), [400, 'ValidationException'])
})

test('over HTTPS the cookie is bound to the host', async (t) => {
  const yard = await startPackyard(t, { env: { PACKYARD_PUBLIC_URL: 'https://packages.example.com' } })
  const browser = new ConsoleBrowser(yard.url)
  const signedIn = await browser.signIn(apiSigner(yard), { headers: { origin: 'https://packages.example.com' } })
  assert.equal(signedIn.status, 200)
  assert.match(
    browser.cookieLines[0] ?? '',
    /^__Host-packyard=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=/,
  )
  assert.equal((await browser.fetch('/packyard/v1/session')).status, 200)
})
