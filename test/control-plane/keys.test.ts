import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-codeartifact'
import { type ControlPlane, OWNER, storeVersion, testOnEachDatabase } from '../support/control-plane.ts'
import { failure } from '../support/sdk-failure.ts'

interface KeyMetadata {
  readonly KeyId: string
  readonly Arn: string
  readonly KeyState: string
  readonly Enabled: boolean
  readonly DeletionDate?: number
}

async function createKey({ kms }: ControlPlane, input: object = {}): Promise<KeyMetadata> {
  const { status, body } = await kms('CreateKey', input)
  assert.equal(status, 200, JSON.stringify(body))
  return body['KeyMetadata'] as KeyMetadata
}

async function describeKey({ kms }: ControlPlane, KeyId: string): Promise<KeyMetadata> {
  return (await kms('DescribeKey', { KeyId })).body['KeyMetadata'] as KeyMetadata
}

const DAY_MS = 86_400_000

testOnEachDatabase('keys are made, described, changed and given up', async (start, t) => {
  const plane = await start()
  const { kms, time } = plane
  const error = async (operation: string, input: object) => (await kms(operation, input)).error

  await t.test('a key has what Terraform reads of it', async () => {
    const made = await createKey(plane, { Description: 'for packages', Tags: [{ TagKey: 'team', TagValue: 'core' }] })
    const arn = `arn:aws:kms:eu-west-1:${OWNER}:key/${made.KeyId}`
    assert.deepEqual(made, {
      AWSAccountId: OWNER,
      KeyId: made.KeyId,
      Arn: arn,
      CreationDate: time.now / 1000,
      Enabled: true,
      Description: 'for packages',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
      Origin: 'AWS_KMS',
      KeyManager: 'CUSTOMER',
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegion: false,
    })
    for (const KeyId of [made.KeyId, arn]) assert.deepEqual(await describeKey(plane, KeyId), made)
    const { body: policy } = await kms('GetKeyPolicy', { KeyId: arn, PolicyName: 'default' })
    assert.match(String(policy['Policy']), new RegExp(`"arn:aws:iam::${OWNER}:root"`))
    const { body: tags } = await kms('ListResourceTags', { KeyId: arn })
    assert.deepEqual(tags, { Tags: [{ TagKey: 'team', TagValue: 'core' }], Truncated: false })
    const { body: rotation } = await kms('GetKeyRotationStatus', { KeyId: arn })
    assert.deepEqual(rotation, { KeyId: arn, KeyRotationEnabled: false })
  })

  await t.test('description, policy, rotation and tags can be changed', async () => {
    const { KeyId } = await createKey(plane)
    assert.equal((await kms('UpdateKeyDescription', { KeyId, Description: 'new' })).status, 200)
    const Policy = JSON.stringify({
      Statement: { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' },
    })
    assert.deepEqual(await kms('PutKeyPolicy', { KeyId, PolicyName: 'default', Policy }), {
      status: 200,
      error: undefined,
      body: {},
    })
    assert.equal((await kms('GetKeyPolicy', { KeyId })).body['Policy'], Policy)
    await kms('EnableKeyRotation', { KeyId, RotationPeriodInDays: 100 })
    const { body: rotation } = await kms('GetKeyRotationStatus', { KeyId })
    assert.equal(rotation['KeyRotationEnabled'], true)
    assert.equal(rotation['NextRotationDate'], (time.now + 100 * DAY_MS) / 1000)
    await kms('DisableKeyRotation', { KeyId })
    assert.equal((await kms('GetKeyRotationStatus', { KeyId })).body['KeyRotationEnabled'], false)
    await kms('TagResource', {
      KeyId,
      Tags: [
        { TagKey: 'a', TagValue: '1' },
        { TagKey: 'b', TagValue: '' },
      ],
    })
    await kms('UntagResource', { KeyId, TagKeys: ['a', 'none'] })
    assert.deepEqual((await kms('ListResourceTags', { KeyId })).body['Tags'], [{ TagKey: 'b', TagValue: '' }])
  })

  await t.test('aliases name keys, one each', async () => {
    const { KeyId } = await createKey(plane)
    const other = await createKey(plane)
    assert.equal((await kms('CreateAlias', { AliasName: 'alias/team/main', TargetKeyId: KeyId })).status, 200)
    assert.equal((await describeKey(plane, 'alias/team/main')).KeyId, KeyId)
    assert.equal(
      await error('CreateAlias', { AliasName: 'alias/team/main', TargetKeyId: KeyId }),
      'AlreadyExistsException',
    )
    await kms('UpdateAlias', { AliasName: 'alias/team/main', TargetKeyId: other.KeyId })
    const { body } = await kms('ListAliases', { KeyId: other.KeyId })
    const [alias] = body['Aliases'] as { AliasArn: string; TargetKeyId: string }[]
    assert.deepEqual(
      [alias?.AliasArn, alias?.TargetKeyId],
      [`arn:aws:kms:eu-west-1:${OWNER}:alias/team/main`, other.KeyId],
    )
    await kms('DeleteAlias', { AliasName: 'alias/team/main' })
    assert.equal(await error('DescribeKey', { KeyId: 'alias/team/main' }), 'NotFoundException')
    const reserved = { AliasName: 'alias/aws/mine', TargetKeyId: KeyId }
    assert.equal(await error('CreateAlias', reserved), 'NotAuthorizedException')
  })

  await t.test('lists come in pages', async () => {
    const { body: all } = await kms('ListKeys')
    const found: unknown[] = []
    let Marker: unknown
    do {
      const { body } = await kms('ListKeys', { Limit: 2, ...(Marker !== undefined && { Marker }) })
      found.push(...(body['Keys'] as unknown[]))
      assert.equal(body['Truncated'], body['NextMarker'] !== undefined)
      Marker = body['NextMarker']
    } while (Marker !== undefined)
    assert.deepEqual(found, all['Keys'])
    assert.equal(found.length, 4)
  })

  await t.test('a key can be disabled, and given up with time to think again', async () => {
    const { KeyId, Arn } = await createKey(plane)
    await kms('DisableKey', { KeyId })
    assert.equal((await describeKey(plane, KeyId)).Enabled, false)
    assert.equal(await error('EnableKeyRotation', { KeyId }), 'DisabledException')
    await kms('EnableKey', { KeyId })
    const { body } = await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })
    assert.deepEqual(body, {
      KeyId: Arn,
      DeletionDate: (time.now + 7 * DAY_MS) / 1000,
      KeyState: 'PendingDeletion',
      PendingWindowInDays: 7,
    })
    assert.equal(await error('EnableKey', { KeyId }), 'KMSInvalidStateException')
    await kms('CancelKeyDeletion', { KeyId })
    assert.equal((await describeKey(plane, KeyId)).KeyState, 'Disabled')
    await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })
    time.now += 7 * DAY_MS
    assert.equal(await error('DescribeKey', { KeyId }), 'NotFoundException')
    assert.equal(await error('CancelKeyDeletion', { KeyId }), 'NotFoundException')
  })

  const mistakes: readonly (readonly [operation: string, input: object, code: string])[] = [
    ['DescribeKey', { KeyId: '00000000-0000-4000-8000-000000000000' }, 'NotFoundException'],
    ['DescribeKey', { KeyId: 'nonsense' }, 'NotFoundException'],
    ['DescribeKey', { KeyId: 'arn:aws:kms:eu-west-1:1:key/x' }, 'InvalidArnException'],
    ['DescribeKey', {}, 'ValidationException'],
    ['CreateKey', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, 'UnsupportedOperationException'],
    ['CreateKey', { MultiRegion: true }, 'UnsupportedOperationException'],
    ['CreateKey', { Policy: '{}' }, 'MalformedPolicyDocumentException'],
    ['CreateKey', { Policy: 'no JSON' }, 'MalformedPolicyDocumentException'],
    ['CreateKey', { Tags: [{ TagKey: 'aws:x', TagValue: '' }] }, 'TagException'],
    ['ListKeys', { Marker: 'never issued' }, 'ValidationException'],
    ['Encrypt', {}, 'ValidationException'],
    ['ReEncrypt', {}, 'UnknownOperationException'],
  ]
  for (const [operation, input, code] of mistakes) {
    await t.test(`${operation} ${JSON.stringify(input)} is a ${code}`, async () => {
      const answer = await kms(operation, input)
      assert.deepEqual([answer.status, answer.error], [400, code])
      assert.ok(String(answer.body['message']).length > 10)
    })
  }
})

testOnEachDatabase('a domain lives and dies by its key', async (start, t) => {
  const plane = await start()
  const { client, kms } = plane
  const { KeyId, Arn } = await createKey(plane)
  await kms('CreateAlias', { AliasName: 'alias/packages', TargetKeyId: KeyId })

  await t.test('a key is named in four ways, and always told by its ARN', async () => {
    const spellings = [KeyId, Arn, 'alias/packages', `arn:aws:kms:eu-west-1:${OWNER}:alias/packages`]
    for (const [index, encryptionKey] of spellings.entries()) {
      const { domain } = await client.send(new sdk.CreateDomainCommand({ domain: `named-${index}`, encryptionKey }))
      assert.equal(domain?.encryptionKey, Arn)
    }
  })

  await t.test('without a key, the account gets one that it cannot change', async () => {
    const { domain } = await client.send(new sdk.CreateDomainCommand({ domain: 'plain' }))
    const managed = await kms('DescribeKey', { KeyId: 'alias/aws/codeartifact' })
    const metadata = managed.body['KeyMetadata'] as { Arn: string; KeyManager: string }
    assert.deepEqual([metadata.Arn, metadata.KeyManager], [domain?.encryptionKey, 'AWS'])
    assert.equal((await kms('DisableKey', { KeyId: metadata.Arn })).error, 'AccessDeniedException')
  })

  await t.test('a key that is not there, or not enabled, is refused', async () => {
    const disabled = await createKey(plane)
    await kms('DisableKey', { KeyId: disabled.KeyId })
    for (const encryptionKey of [disabled.Arn, 'alias/none', '00000000-0000-4000-8000-000000000000']) {
      const error = await failure(client.send(new sdk.CreateDomainCommand({ domain: 'refused', encryptionKey })))
      assert.ok(error instanceof sdk.ValidationException, error.message)
      assert.equal(error.reason, 'ENCRYPTION_KEY_ERROR')
    }
    const elsewhere = 'arn:aws:kms:eu-west-1:999988887777:key/00000000-0000-4000-8000-000000000000'
    const { domain } = await client.send(new sdk.CreateDomainCommand({ domain: 'foreign', encryptionKey: elsewhere }))
    assert.equal(domain?.encryptionKey, elsewhere, 'of accounts that are not kept here only the form can be known')
  })

  const lib = { domain: 'kept', repository: 'main', format: 'npm', package: 'lib' } as const
  await client.send(new sdk.CreateDomainCommand({ domain: 'kept', encryptionKey: Arn }))
  await client.send(
    new sdk.CreateRepositoryCommand({ domain: 'kept', repository: 'main', tags: [{ key: 'a', value: 'b' }] }),
  )
  await storeVersion(plane, { ...lib, name: 'lib', version: '1.0.0' })
  const read = () =>
    client.send(new sdk.GetPackageVersionAssetCommand({ ...lib, packageVersion: '1.0.0', asset: 'package.tgz' }))

  await t.test('while it is disabled nothing in the domain is read or written, and then all is as before', async () => {
    await kms('DisableKey', { KeyId })
    const attempts = [
      read,
      () => client.send(new sdk.ListPackagesCommand({ domain: 'kept', repository: 'main' })),
      () => client.send(new sdk.ListPackageVersionsCommand(lib)),
      () => client.send(new sdk.DeletePackageCommand(lib)),
      () => client.send(new sdk.DeletePackageVersionsCommand({ ...lib, versions: ['1.0.0'] })),
      () =>
        client.send(
          new sdk.PutPackageOriginConfigurationCommand({
            ...lib,
            restrictions: { publish: 'ALLOW', upstream: 'ALLOW' },
          }),
        ),
      () =>
        client.send(
          new sdk.PublishPackageVersionCommand({
            domain: 'kept',
            repository: 'main',
            format: 'generic',
            namespace: 'n',
            package: 'p',
            packageVersion: '1',
            assetName: 'a',
            assetContent: 'x',
            assetSHA256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
          }),
        ),
    ]
    for (const attempt of attempts) {
      const error = await failure(attempt())
      assert.ok(error instanceof sdk.ValidationException, error.message)
      assert.deepEqual([error.reason, error.$metadata.httpStatusCode], ['ENCRYPTION_KEY_ERROR', 400])
      assert.match(error.message, /'kept'.*key\/.*disabled or deleted/)
    }
    const { domain } = await client.send(new sdk.DescribeDomainCommand({ domain: 'kept' }))
    assert.equal(domain?.repositoryCount, 1, 'what Terraform refreshes can still be read')
    await kms('EnableKey', { KeyId })
    assert.equal((await read()).packageVersion, '1.0.0')
  })

  await t.test('it can be deleted with its repositories once the key is given up', async () => {
    assert.equal(
      (await failure(client.send(new sdk.DeleteDomainCommand({ domain: 'kept' })))).name,
      'ConflictException',
    )
    await kms('ScheduleKeyDeletion', { KeyId })
    assert.equal((await failure(read())).name, 'ValidationException')
    await client.send(new sdk.DeleteDomainCommand({ domain: 'kept' }))
    const error = await failure(client.send(new sdk.DescribeDomainCommand({ domain: 'kept' })))
    assert.equal(error.name, 'ResourceNotFoundException')
    const { db } = plane.registry.metadata
    const left = await db.selectFrom('repository_versions').select('id').execute()
    assert.deepEqual(left, [])
    const tags = await db.selectFrom('resource_tags').select('key').where('key', '=', 'a').execute()
    assert.deepEqual(tags, [])
  })
})
