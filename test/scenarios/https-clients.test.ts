import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateDomainCommand, ListRepositoriesCommand } from '@aws-sdk/client-codeartifact'
import { createAuthority } from '../../src/http/tls/certificate.ts'
import { trustOwnAuthority } from '../../src/wire/certificates.ts'
import { skipWithoutAws } from '../support/aws.ts'
import { CargoClient, skipWithoutCargo } from '../support/cargo.ts'
import { skipWithoutClient } from '../support/clients.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { run } from '../support/processes.ts'
import { PypiWire } from '../support/pypi-wire.ts'
import { PythonUser, pips, skipWithoutPip } from '../support/python-clients.ts'
import { skipWithout } from '../support/requirements.ts'
import { mainProgram } from '../support/server-process.ts'

const skipWithoutCurl = skipWithout('curl', spawnSync('curl', ['--version']).status === 0)

/** `packyard …` beside the server, by somebody whose Node trusts something else already. */
function packyard(yard: Packyard, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const settings = { ...yard.serverEnv, PACKYARD_PORT: new URL(yard.url).port, ...more }
  return run(process.execPath, [mainProgram, ...args], { cwd: yard.folder, env: settings })
}

test('Clients reach a server whose certificates it makes itself, and only when they trust it', async (t) => {
  const yard = await startPackyard(t, { env: { PACKYARD_TLS: 'auto' }, processes: 2 })
  const ca = join(yard.dataDir, 'ca.pem')
  const stranger = join(yard.folder, 'stranger.pem')
  const draft = { commonName: 'Stranger', days: 1, now: Date.now(), serial: Buffer.from([1]) }
  await writeFile(stranger, createAuthority(draft).certificate)
  await yard.createRepository('own', [])

  await t.test('packyard trust and packyard env name the authority', async () => {
    const told = await packyard(yard, ['trust'])
    assert.equal(told.code, 0, told.output)
    assert.ok(told.stdout.includes(`NODE_EXTRA_CA_CERTS=${ca}`))
    assert.deepEqual([yard.env['AWS_CA_BUNDLE'], yard.env['NODE_EXTRA_CA_CERTS']], [ca, ca])
    assert.match((await packyard(yard, ['doctor'])).stdout, /^ok +server +answers at https:/m)
  })

  await t.test('the SDK and the AWS CLI', { skip: skipWithoutAws }, async () => {
    await yard.sdk.send(new CreateDomainCommand({ domain: 'secure' }))
    assert.equal((await yard.sdk.send(new ListRepositoriesCommand({}))).$metadata.httpStatusCode, 200)
    const described = await yard.aws('codeartifact describe-domain --domain secure')
    assert.equal((described['domain'] as { name: string }).name, 'secure')
    const distrusted = await yard.attemptAws('codeartifact list-domains', { env: { AWS_CA_BUNDLE: stranger } })
    assert.match(distrusted.output, /SSL validation failed|CERTIFICATE_VERIFY_FAILED/)
  })

  await t.test('curl', { skip: skipWithoutCurl }, async () => {
    const ask = (...more: string[]) =>
      run('curl', ['-sS', ...more, `${yard.url}/readyz`], {
        cwd: yard.folder,
        env: { PATH: process.env['PATH'] ?? '' },
      })
    assert.match((await ask('--cacert', ca)).stdout, /"status":"ready"/)
    assert.notEqual((await ask()).code, 0)
  })

  await t.test('npm', { skip: skipWithoutClient('npm 11') }, async () => {
    const client = await yard.client('npm 11', { repository: 'own' })
    assert.match(
      (await client.attempt('view @acme/https --fetch-retries=0')).output,
      /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER/,
    )
    client.setEnvironment({ NODE_EXTRA_CA_CERTS: ca })
    await client.publish({ name: '@acme/https', version: '1.0.0' })
    await client.add('@acme/https')
    assert.equal(await client.installed('@acme/https'), '@acme/https@1.0.0')
    assert.deepEqual(await yard.versions('own', '@acme/https'), ['1.0.0 Published INTERNAL'])
    const byFile = await yard.client('npm 11', { repository: 'own' })
    byFile.setEnvironment({ npm_config_cafile: ca })
    await byFile.add('@acme/https')
  })

  await t.test('packyard login and packyard run, for whom Node trusts something else', async () => {
    const home = join(yard.folder, 'run-home')
    await mkdir(home)
    const loggedIn = await packyard(yard, ['login', '--tool', 'npm'], { HOME: home, NODE_EXTRA_CA_CERTS: stranger })
    assert.equal(loggedIn.code, 0, loggedIn.output)
    yard.secret(/:_authToken=(\S+)/.exec(await readFile(join(home, '.npmrc'), 'utf8'))?.[1] ?? '')
    const script = `fetch(${JSON.stringify(`${yard.url}/readyz`)}).then(({ status }) => process.exit(status === 200 ? 0 : 9))`
    const ran = await packyard(yard, ['run', '--', process.execPath, '-e', script], { NODE_EXTRA_CA_CERTS: stranger })
    assert.equal(ran.code, 0, ran.output)
  })

  await t.test('pip', { skip: skipWithoutPip }, async () => {
    const [pip] = pips
    const endpoint = await yard.endpoint('own', 'pypi')
    trustOwnAuthority(yard)
    const uploaded = await new PypiWire(endpoint, await yard.token()).upload({ name: 'safe', version: '1.0' })
    assert.equal(uploaded.status, 200, uploaded.text())
    const user = await PythonUser.create(yard.folder, endpoint, await yard.token())
    assert.match((await user.attemptInstall(pip, '--retries=0', 'safe')).output, /certificate/i)
    await user.install(pip, '--cert', ca, 'safe')
    assert.equal(await user.installed('safe'), '1.0')
  })

  await t.test('cargo', { skip: skipWithoutCargo() }, async () => {
    const login = 'token from a command'
    const place = { endpoint: await yard.endpoint('own', 'cargo'), token: await yard.token() } as const
    const cargo = await CargoClient.create(yard.folder, { ...place, login, ca })
    await cargo.publish({ name: 'acme_safe', version: '1.0.0' })
    await cargo.run('add acme_safe@1 --registry pk')
    await cargo.run('fetch')
    assert.deepEqual(await cargo.locked('acme_safe'), ['1.0.0'])
    const distrusting = await CargoClient.create(yard.folder, { ...place, login })
    assert.match((await distrusting.attempt('search safe --registry pk')).output, /certificate|SSL/i)
  })
})
