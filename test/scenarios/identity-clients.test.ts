import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { CargoClient, skipWithoutCargo } from '../support/cargo.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { PypiWire } from '../support/pypi-wire.ts'
import { PythonUser, pips, skipWithoutPip } from '../support/python-clients.ts'
import { allowing, createUser, putPolicy } from '../support/users.ts'

const token = ['codeartifact:GetAuthorizationToken', 'sts:GetServiceBearerToken']
const reading = [...token, 'codeartifact:ReadFromRepository']
const writing = [...reading, 'codeartifact:PublishPackageVersion']

/** A server with a repository that asks nobody else, and the token of somebody who may have one and nothing more. */
async function start(t: Parameters<typeof startPackyard>[0]) {
  const yard = await startPackyard(t, { processes: 1 })
  await yard.createRepository('own', [])
  const { env } = await createUser(yard, 'bo')
  await putPolicy(yard, 'bo', allowing(token))
  const issued = await yard.aws('codeartifact get-authorization-token --domain packyard', { env })
  return { yard, bearer: yard.secret(String(issued['authorizationToken'])), let: letting(yard) }
}

/** What bo may do from now on, of all packages or of some. */
function letting(yard: Packyard) {
  return (actions: readonly string[], resource?: readonly string[]) =>
    putPolicy(yard, 'bo', allowing(actions, resource))
}

test('pip is let in, and shut out, by policies that change', { skip: skipWithoutAws || skipWithoutPip }, async (t) => {
  const { yard, bearer, let: allow } = await start(t)
  const endpoint = await yard.endpoint('own', 'pypi')
  await new PypiWire(endpoint, await yard.token()).upload({ name: 'safe', version: '1.0' })
  const user = await PythonUser.create(yard.folder, endpoint, bearer)
  const [pip] = pips
  const refused =
    /403.*not authorized to perform: codeartifact:ReadFromRepository|403 Client Error|No matching distribution/s
  assert.match((await user.attemptInstall(pip, '--retries=0', 'safe')).output, refused)
  await allow(reading)
  await user.install(pip, 'safe')
  assert.equal(await user.installed('safe'), '1.0')
  const wire = new PypiWire(endpoint, bearer)
  assert.equal((await wire.upload({ name: 'more', version: '1.0' })).status, 403)
  assert.deepEqual(await yard.versions('own', 'more', 'pypi'), [])
  await allow(writing)
  assert.equal((await wire.upload({ name: 'more', version: '1.0' })).status, 200)
  assert.deepEqual(await yard.versions('own', 'more', 'pypi'), ['1.0 Published INTERNAL'])
  await allow(token)
  assert.notEqual((await user.attemptInstall(pip, '--retries=0', 'safe')).code, 0)
})

test('cargo is let in, and shut out, by policies that change', {
  skip: skipWithoutAws || skipWithoutCargo(),
}, async (t) => {
  const { yard, bearer, let: allow } = await start(t)
  const place = { endpoint: await yard.endpoint('own', 'cargo'), token: bearer }
  const cargo = await CargoClient.create(yard.folder, { ...place, login: 'token from a command' })
  const publishing = 'publish --registry pk --no-verify --allow-dirty'
  const gear = await cargo.newCrate({ name: 'acme_gear', version: '1.0.0' })
  assert.match((await cargo.attempt('search gear --registry pk')).output, /403.*not authorized to perform/s)
  await allow(reading)
  await cargo.run('search gear --registry pk')
  assert.match((await cargo.attempt(publishing, gear)).output, /403.*codeartifact:PublishPackageVersion/s)
  assert.deepEqual(await yard.versions('own', 'acme_gear', 'cargo'), [])
  const mine = ['repository/packyard/own', 'package/packyard/own/cargo//acme_*']
  await allow(
    writing,
    mine.map((path) => `arn:aws:codeartifact:us-east-1:000000000000:${path}`),
  )
  await cargo.run(publishing, gear)
  const other = await cargo.newCrate({ name: 'other_gear', version: '1.0.0' })
  assert.match((await cargo.attempt(publishing, other)).output, /403.*not authorized to perform/s)
  assert.deepEqual(await yard.packages('own'), ['acme_gear'])
  await cargo.run('add acme_gear@1 --registry pk')
  await allow(token)
  await cargo.forget()
  assert.match((await cargo.attempt('fetch')).output, /403/)
})
