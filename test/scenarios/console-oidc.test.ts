import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ConsoleBrowser } from '../support/console-browser.ts'
import { apiSigner, callIam } from '../support/packyard-api.ts'
import type { Packyard } from '../support/packyard.ts'
import { startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { type Setup, testOnEachSetup } from '../support/setups.ts'
import { CLIENT, startSignInProvider } from '../support/sign-in-provider.ts'
import { allowing } from '../support/users.ts'

const ROLE = 'arn:aws:iam::000000000000:role/console'
type Provider = Awaited<ReturnType<typeof startSignInProvider>>

function settingsFor(provider: Provider): Readonly<Record<string, string>> {
  const { url: issuer } = provider
  const company = { label: 'Acme', issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, roleArn: ROLE }
  return { PACKYARD_CONSOLE_SIGN_IN: JSON.stringify({ company }), PACKYARD_OIDC_HOSTS: provider.host }
}

/** The provider believed by the account, and a role for whom it vouches. */
async function trust(yard: Packyard, { host }: Provider): Promise<void> {
  const admin = apiSigner(yard)
  const provider = `arn:aws:iam::000000000000:oidc-provider/${host}`
  await callIam(admin, {
    Action: 'CreateOpenIDConnectProvider',
    Url: `http://${host}`,
    'ClientIDList.member.1': CLIENT.id,
  })
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringLike: { [`${host}:sub`]: '*@acme.example' } },
    },
  })
  await callIam(admin, { Action: 'CreateRole', RoleName: 'console', AssumeRolePolicyDocument })
  const PolicyDocument = allowing('codeartifact:List*')
  await callIam(admin, { Action: 'PutRolePolicy', RoleName: 'console', PolicyName: 'p', PolicyDocument })
}

async function start(t: TestContext, setup: Pick<Setup, 'start'>) {
  const provider = await startSignInProvider(t)
  const yard = await setup.start({ env: settingsFor(provider) })
  await trust(yard, provider)
  return { provider, yard, browser: new ConsoleBrowser(yard.url) }
}

/** To the provider and back, as far as the answer to the callback. */
async function goRound(browser: ConsoleBrowser, returnTo: string, change: (callback: URL) => void = () => {}) {
  const away = await browser.fetch(`/packyard/v1/session/oidc/company?returnTo=${encodeURIComponent(returnTo)}`)
  assert.equal(away.status, 302, await away.clone().text())
  const back = await fetch(away.headers.get('location') ?? '', { redirect: 'manual' })
  const callback = new URL(back.headers.get('location') ?? '')
  change(callback)
  // The browser comes from another site.
  const headers = { 'sec-fetch-site': 'cross-site' }
  return browser.fetch(`${callback.pathname}${callback.search}`, { from: 'elsewhere', headers })
}

testOnEachSetup('somebody signs in at an OpenID provider and has the role of the console', {}, async (t, setup) => {
  const { yard, browser, provider } = await start(t, setup)
  const offered = (await (await fetch(`${yard.url}/packyard/v1/session/providers`)).json()) as object
  assert.deepEqual(offered, { accessKeys: true, providers: [{ name: 'company', label: 'Acme' }] })

  const returned = await goRound(browser, '/console/domains/packyard?tab=1#x')
  assert.deepEqual(
    [returned.status, returned.headers.get('location')],
    [303, `${yard.url}/console/domains/packyard?tab=1#x`],
  )
  assert.match(browser.cookieLines[0] ?? '', /^packyard-oidc=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/)
  assert.match(browser.cookieLines[1] ?? '', /^packyard=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=3\d{3}$/)
  const session = (await (await browser.fetch('/packyard/v1/session')).json()) as {
    principal: { arn: string; kind: string }
  }
  assert.equal(session.principal.kind, 'role-session')
  assert.equal(session.principal.arn, 'arn:aws:sts::000000000000:assumed-role/console/jane@acme.example')
  assert.equal((await browser.fetch('/v1/domains', { method: 'POST', body: '{}' })).status, 200)
  assert.equal((await browser.fetch('/v1/domain?domain=packyard', { method: 'DELETE' })).status, 403)
  assert.equal(provider.redeemed.length, 1)

  const admin = apiSigner(yard)
  await callIam(admin, { Action: 'DeleteRolePolicy', RoleName: 'console', PolicyName: 'p' })
  await callIam(admin, { Action: 'DeleteRole', RoleName: 'console' })
  await until('the session to end with its role', async () => {
    return (await browser.fetch('/packyard/v1/session')).status === 401 || undefined
  })
})

test('nobody is sent to a page that is not of the console', async (t) => {
  const { yard, browser } = await start(t, { start: (options) => startPackyard(t, options) })
  for (const elsewhere of [
    'https://evil.example/',
    '//evil.example/console/',
    '/\\evil.example/console/',
    '/v1/domains',
  ]) {
    const returned = await goRound(browser, elsewhere)
    assert.equal(returned.headers.get('location'), `${yard.url}/console/`, elsewhere)
  }
})

test('what was not begun in this browser, or does not fit what was begun, signs nobody in', async (t) => {
  const { yard, browser, provider } = await start(t, { start: (options) => startPackyard(t, options) })
  const refused = async (why: string, round: Promise<Response>) => {
    const returned = await round
    const location = new URL(returned.headers.get('location') ?? '')
    assert.deepEqual([returned.status, location.pathname], [303, '/console/sign-in'], why)
    assert.equal(location.searchParams.get('error'), 'invalid-token', why)
    assert.equal(browser.cookies.has('packyard'), false, why)
  }
  await refused(
    'another state',
    goRound(browser, '/console/', (callback) => callback.searchParams.set('state', 'other')),
  )
  await refused(
    'another code',
    goRound(browser, '/console/', (callback) => callback.searchParams.set('code', 'other')).then(asRefused),
  )
  const other = new ConsoleBrowser(yard.url)
  const stolen = await goRound(browser, '/console/', () => browser.cookies.delete('packyard-oidc'))
  await refused('another browser', Promise.resolve(stolen))
  await refused(
    'an error',
    goRound(browser, '/console/', (callback) => callback.searchParams.set('error', 'access_denied')),
  )
  provider.lies.claims = { nonce: 'another' }
  await refused('another nonce', goRound(browser, '/console/'))
  provider.lies.claims = { aud: 'another' }
  await refused('another audience', goRound(browser, '/console/'))
  provider.lies.claims = { sub: 'jane@elsewhere.example' }
  const untrusted = await goRound(other, '/console/')
  assert.equal(new URL(untrusted.headers.get('location') ?? '').searchParams.get('error'), 'denied')
  provider.lies.claims = {}
  assert.equal((await goRound(other, '/console/')).headers.get('location'), `${yard.url}/console/`)
  const unknown = await fetch(`${yard.url}/packyard/v1/session/oidc/none`, { redirect: 'manual' })
  assert.equal(unknown.status, 400)
})

/** A provider that gives no token is one that cannot be used. */
function asRefused(response: Response): Response {
  const location = new URL(response.headers.get('location') ?? '')
  assert.equal(location.searchParams.get('error'), 'provider-silent')
  location.searchParams.set('error', 'invalid-token')
  return new Response(null, { status: response.status, headers: { location: location.href } })
}
