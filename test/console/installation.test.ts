import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainPage, skipWithoutChromium, startConsole } from '../support/console-stage.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { createApiUser } from '../support/packyard-api.ts'
import { until } from '../support/processes.ts'
import { allowing } from '../support/users.ts'

const main = `${domainPage}/repositories/main`

test('policies, tokens and what has happened are seen and changed in the console', {
  skip: skipWithoutChromium,
}, async (t) => {
  const stage = await startConsole(t)
  const { yard } = stage
  await stage.publish({ name: 'tiny', version: '1.0.0' })

  await t.test('a policy with a mistake says where it is, and a right one is saved', async () => {
    const page = await stage.open(`${main}?tab=policy`)
    const text = page.getByRole('textbox', { name: 'Policy document' })
    await text.fill('{"Version": "2012-10-17", "Statement": [{"Effect": "Permit"}]}')
    await page.getByText('Effect of statement 1 must be "Allow" or "Deny".').waitFor()
    await text.fill(readers('arn:aws:iam::444455556666:root'))
    await page.getByRole('button', { name: 'Save policy' }).click()
    await page.getByText('The policy was saved').waitFor()
    const { policy } = await yard.aws(
      'codeartifact get-repository-permissions-policy --domain packyard --repository main',
    )
    assert.match((policy as { document: string }).document, /444455556666/)
  })

  await t.test('who may do what is explained', async () => {
    const { credentials } = await createApiUser(yard, 'nobody', allowing('sts:GetCallerIdentity'))
    assert.ok(credentials.accessKeyId)
    const page = await stage.open(`${main}?tab=policy`)
    await page.getByRole('textbox', { name: 'User or role' }).fill('arn:aws:iam::000000000000:user/nobody')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('None of their own policies allows it.').waitFor()
    await page.getByRole('textbox', { name: 'Action' }).fill('sts:GetCallerIdentity')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('Allowed, by:').waitFor()
  })

  await t.test('a token is taken back, and refused from then on', async () => {
    const token = await yard.token()
    const wire = new NpmWire(await yard.endpoint('main'), token)
    assert.equal((await wire.get('tiny')).status, 200)
    const page = await stage.open('/console/tokens')
    await page.getByRole('button', { name: 'Revoke the token of' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('was revoked, and is refused from now on').waitFor()
    assert.equal((await wire.get('tiny')).status, 401)
  })

  await t.test('what was done is found by its name', async () => {
    await yard.createRepository('noticed', [])
    const page = await stage.open('/console/audit?attribute=EventName&value=CreateRepository')
    await page.getByRole('rowheader', { name: 'CreateRepository' }).first().waitFor()
    await page.getByRole('button', { name: 'Show record' }).first().click()
    await page.getByText('"eventName": "CreateRepository"').first().waitFor()
  })

  await t.test('health shows every part, and that it answers', async () => {
    const page = await stage.open('/console/health')
    await page.getByText('Answers in').first().waitFor()
    assert.equal(await page.getByText('Answers in').count(), 2)
    await page.getByRole('rowheader', { name: 'public:npmjs' }).waitFor()
  })

  await t.test('usage is a chart and a list', async () => {
    const page = await stage.open('/console/usage')
    await page.getByRole('heading', { name: 'Requests by day' }).waitFor()
    await page.getByRole('button', { name: 'Principals' }).click()
    await page.getByRole('heading', { name: 'Most used' }).waitFor()
    assert.equal(new URL(page.url()).searchParams.get('by'), 'principal')
  })

  await t.test('who has been signed out by the server is asked to sign in, at the same address', async () => {
    const page = await stage.open(`${domainPage}?tab=tags`)
    await page.getByText('No tags').waitFor()
    await page.context().clearCookies()
    await page.getByRole('tab', { name: 'Package groups' }).click()
    await page.getByRole('heading', { name: 'Sign in to Packyard' }).waitFor()
    assert.equal(new URL(page.url()).searchParams.get('tab'), 'groups')
  })

  await t.test('a failure says what to do, and the request id by which the log has it', async () => {
    const page = await stage.open(`${domainPage}/repositories/gone`)
    await page.getByText('The repository cannot be shown').waitFor()
    const shown = (await page.locator('.failure-id').textContent()) ?? ''
    const id = /request id ([\w-]+)/.exec(shown)?.[1] ?? ''
    assert.match(shown, /^ResourceNotFoundException/)
    assert.notEqual(id, '')
    await until('the server’s log to have the request', () => yard.server.log.includes(id) || undefined)
  })
})

/** Lets somebody read what is in the repository. */
function readers(principal: string): string {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: 'codeartifact:ReadFromRepository',
    Resource: '*',
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}
