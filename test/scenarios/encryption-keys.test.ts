import assert from 'node:assert/strict'
import {
  CreateDomainCommand,
  CreateRepositoryCommand,
  GetRepositoryEndpointCommand,
} from '@aws-sdk/client-codeartifact'
import { readCredentials } from '../support/aws.ts'
import { type Json11Answer, sendJson11 } from '../support/json11.ts'
import { NpmWire } from '../support/npm-wire.ts'
import type { Packyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'

function kms(yard: Packyard, operation: string, input: object): Promise<Json11Answer> {
  const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = '' } = yard.env
  const credentials = readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE)
  return sendJson11({ url: yard.url, region: 'us-east-1', credentials }, 'kms', `TrentService.${operation}`, input)
}

testOnEachSetup('a disabled key closes its domain to package managers on every process', {}, async (_, setup) => {
  const yard = await setup.start({ processes: 2, connections: { 'public:npmjs': 'http://127.0.0.1:9/' } })
  const { body } = await kms(yard, 'CreateKey', {})
  const { KeyId, Arn } = body['KeyMetadata'] as { KeyId: string; Arn: string }
  const place = { domain: 'sealed', repository: 'main' }
  await yard.sdk.send(new CreateDomainCommand({ domain: 'sealed', encryptionKey: Arn }))
  await yard.sdk.send(new CreateRepositoryCommand(place))
  const { repositoryEndpoint = '' } = await yard.sdk.send(new GetRepositoryEndpointCommand({ ...place, format: 'npm' }))
  const wire = new NpmWire(repositoryEndpoint, await yard.token('sealed'))
  assert.equal((await wire.publish('lib@1.0.0')).status, 201)
  // Each request on a connection of its own, so that both processes answer some.
  const ask = () =>
    Promise.all(
      Array.from({ length: 12 }, async (_each, index) => {
        const path = index % 2 === 0 ? 'lib' : 'lib/-/lib-1.0.0.tgz'
        return wire.get(path, { connection: 'close' })
      }),
    )
  // Another process hears of a change a moment later.
  const seeEverywhere = (status: number) =>
    until(
      `${status} from every process`,
      async () => (await ask()).every((reply) => reply.status === status) || undefined,
    )
  await seeEverywhere(200)

  await kms(yard, 'DisableKey', { KeyId })
  await seeEverywhere(400)
  const [refused] = await ask()
  assert.match(
    String(refused?.json()['error']),
    /'sealed' cannot be read or written: its encryption key arn:aws:kms:.*disabled/,
  )
  assert.equal((await wire.publish('lib@1.1.0')).status, 400)

  await kms(yard, 'EnableKey', { KeyId })
  await seeEverywhere(200)
  assert.equal((await wire.publish('lib@1.1.0')).status, 201)
})
