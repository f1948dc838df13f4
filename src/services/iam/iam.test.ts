import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allowing,
  element,
  isError,
  managed,
  type Sending,
  startIam,
  trusting,
  versions,
} from '../../../test/support/iam-calls.ts'
import { ACCOUNT_ID } from '../../../test/support/identity.ts'
import { createIamService } from './service.ts'

test('A user, its key and its policies are made, found, changed and deleted in order', async (t) => {
  const { succeed, call } = await startIam(t)
  const made = await succeed('CreateUser', {
    UserName: 'Bo',
    Path: '/ci/',
    'Tags.member.1.Key': 'a',
    'Tags.member.1.Value': 'b',
  })
  assert.equal(element(made, 'Arn'), `arn:aws:iam::${ACCOUNT_ID}:user/ci/Bo`)
  assert.match(element(made, 'UserId'), /^AIDA[A-Z2-7]{17}$/)
  isError(await call('CreateUser', { UserName: 'bO' }), 409, 'EntityAlreadyExists')
  assert.match(await succeed('GetUser', { UserName: 'bo' }), /<Tags><member><Key>a<\/Key><Value>b<\/Value>/)
  const key = await succeed('CreateAccessKey', { UserName: 'Bo' })
  const accessKeyId = element(key, 'AccessKeyId')
  assert.match(element(key, 'SecretAccessKey'), /^[A-Za-z0-9+/]{40}$/)
  await succeed('CreateAccessKey', { UserName: 'Bo' })
  isError(await call('CreateAccessKey', { UserName: 'Bo' }), 409, 'LimitExceeded')
  await succeed('PutUserPolicy', { UserName: 'Bo', PolicyName: 'p', PolicyDocument: allowing('s3:Get+') }).catch(
    () => {},
  )
  await succeed('PutUserPolicy', {
    UserName: 'Bo',
    PolicyName: 'p',
    PolicyDocument: allowing('s3:*', 'arn:aws:s3:::a b+c'),
  })
  const shown = element(await succeed('GetUserPolicy', { UserName: 'Bo', PolicyName: 'p' }), 'PolicyDocument')
  assert.equal(decodeURIComponent(shown), allowing('s3:*', 'arn:aws:s3:::a b+c'))
  assert.ok(!shown.includes('+'))
  isError(await call('DeleteUser', { UserName: 'Bo' }), 409, 'DeleteConflict', /access keys/)
  for (const id of (await succeed('ListAccessKeys', { UserName: 'Bo' })).matchAll(/<AccessKeyId>([^<]+)/g)) {
    await succeed('DeleteAccessKey', { UserName: 'Bo', AccessKeyId: id[1] ?? '' })
  }
  isError(await call('DeleteAccessKey', { UserName: 'Bo', AccessKeyId: accessKeyId }), 404, 'NoSuchEntity')
  isError(await call('DeleteUser', { UserName: 'Bo' }), 409, 'DeleteConflict', /policies/)
  await succeed('DeleteUserPolicy', { UserName: 'Bo', PolicyName: 'p' })
  await succeed('UpdateUser', { UserName: 'Bo', NewUserName: 'Bob' })
  await succeed('DeleteUser', { UserName: 'bob' })
  isError(await call('GetUser', { UserName: 'Bob' }), 404, 'NoSuchEntity')
})

test('Managed policies have five versions at most, and one default', async (t) => {
  const { succeed, call } = await startIam(t)
  const made = await succeed('CreatePolicy', { PolicyName: 'p', Path: '/a/', PolicyDocument: allowing('s3:*') })
  const arn = element(made, 'Arn')
  assert.equal(arn, `arn:aws:iam::${ACCOUNT_ID}:policy/a/p`)
  for (const number of [2, 3, 4, 5]) {
    const version = await succeed('CreatePolicyVersion', {
      PolicyArn: arn,
      PolicyDocument: allowing(`s3:Get${number}`),
    })
    assert.deepEqual([element(version, 'VersionId'), element(version, 'IsDefaultVersion')], [`v${number}`, 'false'])
  }
  isError(await call('CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: allowing('s3:*') }), 409, 'LimitExceeded')
  await succeed('SetDefaultPolicyVersion', { PolicyArn: arn, VersionId: 'v3' })
  assert.equal(element(await succeed('GetPolicy', { PolicyArn: arn }), 'DefaultVersionId'), 'v3')
  isError(await call('DeletePolicyVersion', { PolicyArn: arn, VersionId: 'v3' }), 409, 'DeleteConflict')
  isError(await call('DeletePolicy', { PolicyArn: arn }), 409, 'DeleteConflict')
  await succeed('AttachUserPolicy', { UserName: 'alice', PolicyArn: arn })
  assert.match(await succeed('ListEntitiesForPolicy', { PolicyArn: arn }), /<UserName>alice<\/UserName>/)
  for (const number of [1, 2, 4, 5]) await succeed('DeletePolicyVersion', { PolicyArn: arn, VersionId: `v${number}` })
  isError(await call('DeletePolicy', { PolicyArn: arn }), 409, 'DeleteConflict', /attached/)
  await succeed('DetachUserPolicy', { UserName: 'alice', PolicyArn: arn })
  await succeed('DeletePolicy', { PolicyArn: arn })
  isError(await call('AttachUserPolicy', { UserName: 'alice', PolicyArn: arn }), 404, 'NoSuchEntity')
  isError(await call('AttachUserPolicy', { UserName: 'alice', PolicyArn: managed('Nothing') }), 404, 'NoSuchEntity')
  isError(await call('DeletePolicy', { PolicyArn: managed('AdministratorAccess') }), 400, 'UnmodifiableEntity')
})

test('Bad input is refused with its own code, and the place of the fault', async (t) => {
  const { call, succeed } = await startIam(t)
  isError(await call('CreateUser'), 400, 'ValidationError', /parameter UserName/)
  isError(await call('CreateUser', { UserName: 'a b' }), 400, 'ValidationError', /'a b' of UserName must be/)
  isError(await call('CreateUser', { UserName: 'a'.repeat(65) }), 400, 'ValidationError')
  isError(await call('CreateUser', { UserName: 'a', Path: 'x' }), 400, 'ValidationError', /of Path must/)
  isError(await call('ListUsers', { MaxItems: '0' }), 400, 'ValidationError', /MaxItems/)
  isError(await call('Nothing'), 400, 'InvalidAction')
  const policy = { UserName: 'alice', PolicyName: 'p' }
  isError(await call('PutUserPolicy', { ...policy, PolicyDocument: '{' }), 400, 'MalformedPolicyDocument', /line 1/)
  const wrong = '{"Statement":{"Effect":"Allow","Action":"*"}}'
  isError(
    await call('PutUserPolicy', { ...policy, PolicyDocument: wrong }),
    400,
    'MalformedPolicyDocument',
    /Statement\[0\]/,
  )
  const long = allowing(`s3:${'a'.repeat(2048)}`)
  isError(await call('PutUserPolicy', { ...policy, PolicyDocument: long }), 409, 'LimitExceeded', /2048/)
  isError(
    await call('CreatePolicy', { PolicyName: 'p', PolicyDocument: allowing(`s3:${'a'.repeat(6144)}`) }),
    409,
    'LimitExceeded',
  )
  const nobody = { RoleName: 'r', AssumeRolePolicyDocument: trusting(`arn:aws:iam::${ACCOUNT_ID}:user/nobody`) }
  isError(await call('CreateRole', nobody), 400, 'MalformedPolicyDocument', /Invalid principal in policy/)
  isError(
    await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: allowing('sts:AssumeRole') }),
    400,
    'MalformedPolicyDocument',
  )
  isError(await call('GetLoginProfile', { UserName: 'alice' }), 404, 'NoSuchEntity')
  await succeed('ListMFADevices', { UserName: 'alice' })
})

test('Groups give their policies to their users, at once', async (t) => {
  const { call, succeed } = await startIam(t)
  await succeed('CreateUser', { UserName: 'bo' })
  const key = await succeed('CreateAccessKey', { UserName: 'bo' })
  const credentials = { accessKeyId: element(key, 'AccessKeyId'), secretAccessKey: element(key, 'SecretAccessKey') }
  const listUsers = () => call('ListUsers', {}, { credentials })
  isError(
    await listUsers(),
    403,
    'AccessDenied',
    /user\/bo is not authorized to perform: iam:ListUsers on resource: \*/,
  )
  await succeed('CreateGroup', { GroupName: 'admins' })
  await succeed('AttachGroupPolicy', { GroupName: 'admins', PolicyArn: managed('IAMFullAccess') })
  await succeed('AddUserToGroup', { GroupName: 'admins', UserName: 'bo' })
  assert.equal((await listUsers()).status, 200)
  assert.match(await succeed('GetGroup', { GroupName: 'admins' }), /<UserName>bo<\/UserName>/)
  isError(await call('DeleteGroup', { GroupName: 'admins' }), 409, 'DeleteConflict')
  isError(await call('DeleteUser', { UserName: 'bo' }), 409, 'DeleteConflict')
  await succeed('PutUserPermissionsBoundary', {
    UserName: 'bo',
    PermissionsBoundary: managed('AWSCodeArtifactAdminAccess'),
  })
  isError(await listUsers(), 403, 'AccessDenied', /no permissions boundary allows/)
  await succeed('DeleteUserPermissionsBoundary', { UserName: 'bo' })
  await succeed('RemoveUserFromGroup', { GroupName: 'admins', UserName: 'bo' })
  isError(await listUsers(), 403, 'AccessDenied')
  await succeed('UpdateAccessKey', { UserName: 'bo', AccessKeyId: credentials.accessKeyId, Status: 'Inactive' })
  isError(await listUsers(), 403, 'InvalidClientTokenId')
})

test('Lists come in pages', async (t) => {
  const { succeed } = await startIam(t)
  for (const name of ['b', 'c', 'd']) await succeed('CreateUser', { UserName: name })
  const seen: string[] = []
  for (let marker = ''; ; ) {
    const page: string = await succeed('ListUsers', { MaxItems: '2', ...(marker === '' ? {} : { Marker: marker }) })
    seen.push(...Array.from(page.matchAll(/<UserName>([^<]+)/g), ([, name]) => name ?? ''))
    if (element(page, 'IsTruncated') === 'false') break
    marker = element(page, 'Marker')
  }
  assert.deepEqual(seen, ['alice', 'b', 'c', 'd'])
})

test('A role session may do what its role and its session policy both allow, until it ends', async (t) => {
  const { call, succeed, time, sessions } = await startIam(t)
  const role = element(
    await succeed('CreateRole', { RoleName: 'ci', AssumeRolePolicyDocument: trusting(ACCOUNT_ID) }),
    'Arn',
  )
  await succeed('AttachRolePolicy', { RoleName: 'ci', PolicyArn: managed('IAMFullAccess') })
  const assume = async (more: Readonly<Record<string, string>> = {}) => {
    const text = await succeed('AssumeRole', { RoleArn: role, RoleSessionName: 'run-1', ...more }, { service: 'sts' })
    return {
      text,
      accessKeyId: element(text, 'AccessKeyId'),
      secretAccessKey: element(text, 'SecretAccessKey'),
      sessionToken: element(text, 'SessionToken'),
    }
  }
  const session = await assume({ 'Tags.member.1.Key': 'Team', 'Tags.member.1.Value': 'blue' })
  assert.match(session.accessKeyId, /^ASIA[A-Z2-7]{16}$/)
  const who = await succeed('GetCallerIdentity', {}, { service: 'sts', credentials: session })
  assert.equal(element(who, 'Arn'), `arn:aws:sts::${ACCOUNT_ID}:assumed-role/ci/run-1`)
  assert.match(element(who, 'UserId'), /^AROA[A-Z2-7]{17}:run-1$/)
  await succeed('ListUsers', {}, { credentials: session })
  const found = await sessions.find(session.accessKeyId)
  assert.deepEqual([...(found?.principal.tags ?? [])], [['team', 'blue']])
  const narrow = await assume({ Policy: allowing('iam:ListRoles') })
  await succeed('ListRoles', {}, { credentials: narrow })
  isError(await call('ListUsers', {}, { credentials: narrow }), 403, 'AccessDenied', /no session policy allows/)
  const { sessionToken: _, ...tokenless } = session
  isError(await call('ListUsers', {}, { credentials: tokenless }), 403, 'InvalidClientTokenId')
  const crossed = { ...session, sessionToken: narrow.sessionToken }
  isError(await call('ListUsers', {}, { credentials: crossed }), 403, 'InvalidClientTokenId')
  const tooLong = { RoleArn: role, RoleSessionName: 'run-2', DurationSeconds: '7200' }
  isError(await call('AssumeRole', tooLong, { service: 'sts' }), 400, 'ValidationError')
  isError(await call('GetSessionToken', {}, { service: 'sts', credentials: session }), 403, 'AccessDenied')
  time.now += 3_601_000
  isError(await call('ListUsers', {}, { credentials: session }), 403, 'ExpiredToken')
})

test('Who is not trusted cannot assume a role, and is not told whether there is one', async (t) => {
  const { call, succeed } = await startIam(t)
  await succeed('CreateUser', { UserName: 'bo' })
  const key = await succeed('CreateAccessKey', { UserName: 'bo' })
  const credentials = { accessKeyId: element(key, 'AccessKeyId'), secretAccessKey: element(key, 'SecretAccessKey') }
  const alice = `arn:aws:iam::${ACCOUNT_ID}:user/alice`
  await succeed('CreateRole', { RoleName: 'ci', AssumeRolePolicyDocument: trusting(alice) })
  const assume = (name: string, sending: Sending) =>
    call(
      'AssumeRole',
      { RoleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${name}`, RoleSessionName: 's1' },
      { service: 'sts', ...sending },
    )
  isError(await assume('ci', { credentials }), 403, 'AccessDenied', /sts:AssumeRole/)
  isError(await assume('none', { credentials }), 403, 'AccessDenied', /sts:AssumeRole/)
  assert.equal((await assume('ci', {})).status, 200)
  await succeed('UpdateAssumeRolePolicy', { RoleName: 'ci', PolicyDocument: trusting(ACCOUNT_ID) })
  isError(await assume('ci', { credentials }), 403, 'AccessDenied', /no identity-based policy/)
  await succeed('PutUserPolicy', { UserName: 'bo', PolicyName: 'p', PolicyDocument: allowing('sts:AssumeRole') })
  assert.equal((await assume('ci', { credentials })).status, 200)
})

test('A deleted role ends its sessions and the tokens that they made', async (t) => {
  const { succeed, call, sessions, tokens } = await startIam(t)
  const role = element(
    await succeed('CreateRole', { RoleName: 'ci', AssumeRolePolicyDocument: trusting(ACCOUNT_ID) }),
    'Arn',
  )
  const text = await succeed('AssumeRole', { RoleArn: role, RoleSessionName: 'run-1' }, { service: 'sts' })
  const credentials = {
    accessKeyId: element(text, 'AccessKeyId'),
    secretAccessKey: element(text, 'SecretAccessKey'),
    sessionToken: element(text, 'SessionToken'),
  }
  const session = await sessions.find(credentials.accessKeyId)
  assert.ok(session)
  const acme = { domain: 'acme', owner: ACCOUNT_ID }
  const { token } = await tokens.issue(session.principal, acme, 43_200)
  assert.equal((await tokens.verify(token, acme)).arn, session.principal.arn)
  await succeed('DeleteRole', { RoleName: 'ci' })
  isError(await call('ListUsers', {}, { credentials }), 403, 'InvalidClientTokenId')
  await assert.rejects(async () => tokens.verify(token, acme), /not valid here/)
})

test('Every action refuses a caller without credentials, and one who may do nothing', async (t) => {
  const { call, url, succeed, keyring, metadata, identity } = await startIam(t)
  await succeed('CreateUser', { UserName: 'nobody' })
  const key = await succeed('CreateAccessKey', { UserName: 'nobody' })
  const credentials = { accessKeyId: element(key, 'AccessKeyId'), secretAccessKey: element(key, 'SecretAccessKey') }
  const iam = { keyring, metadata, arns: { partition: 'aws' }, clock: Date.now, randomBytes: Buffer.alloc }
  const refusing = { prepare: () => undefined, authorize: () => {}, decide: () => assert.fail('not asked here') }
  const service = createIamService({ iam, identity, authorizer: refusing, region: 'x', randomId: () => '' })
  const actions = Object.keys(service.operations)
  assert.ok(actions.length > 80)
  const parameters = {
    UserName: 'alice',
    GroupName: 'g',
    RoleName: 'r',
    PolicyName: 'p',
    PolicyArn: managed('AdministratorAccess'),
    OpenIDConnectProviderArn: `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/x`,
    PolicySourceArn: `arn:aws:iam::${ACCOUNT_ID}:user/alice`,
  }
  for (const action of actions) {
    isError(await call(action, parameters, { credentials }), 403, 'AccessDenied')
    const body = new URLSearchParams({ Action: action, Version: versions.iam, ...parameters })
    const answer = await fetch(url, { method: 'POST', body })
    assert.equal(answer.status, 403, action)
    assert.match(await answer.text(), /<Code>MissingAuthenticationToken</)
  }
})
