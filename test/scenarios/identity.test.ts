import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { skipWithoutClient } from '../support/clients.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { startUpstream } from '../support/upstream.ts'
import { allowing, createUser, credentials, packyard, putPolicy } from '../support/users.ts'

const OWNER = '000000000000'

const skip = skipWithoutAws || skipWithoutClient('npm 11')

test('npm is let in, and shut out, by policies that change while it works', { skip }, async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url }, processes: 2 })
  const { env, accessKeyId } = await createUser(yard, 'bo')
  const token = 'codeartifact get-authorization-token --domain packyard'
  const denied = await yard.attemptAws(token, { env })
  assert.match(
    denied.output,
    /user\/bo is not authorized to perform: codeartifact:GetAuthorizationToken on resource: arn/,
  )
  const reading = ['codeartifact:GetAuthorizationToken', 'sts:GetServiceBearerToken', 'codeartifact:ReadFromRepository']
  await putPolicy(yard, 'bo', allowing(reading))
  const { authorizationToken } = await yard.aws(token, { env })
  const client = await yard.newClient('npm 11')
  await client.configure(await yard.endpoint('main'), yard.secret(String(authorizationToken)))
  await client.add('tiny')
  const publish = { name: '@acme/secret', version: '1.0.0' }
  await assert.rejects(client.publish(publish), /403|not authorized to perform: codeartifact:PublishPackageVersion/)
  assert.deepEqual(await yard.versions('main', '@acme/secret'), [])
  const scope = `arn:aws:codeartifact:us-east-1:${OWNER}:package/packyard/main/npm/acme/*`
  await putPolicy(
    yard,
    'bo',
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: reading, Resource: '*' },
        { Effect: 'Allow', Action: 'codeartifact:PublishPackageVersion', Resource: scope },
      ],
    }),
  )
  await client.publish(publish)
  await assert.rejects(client.publish({ name: '@other/secret', version: '1.0.0' }), /403|not authorized/)

  await t.test('a domain policy denies what the user may', async () => {
    const policy = {
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Principal: '*', Action: 'codeartifact:ReadFromRepository', Resource: '*' },
    }
    await writeFile(join(yard.folder, 'deny.json'), JSON.stringify(policy))
    const file = `file://${join(yard.folder, 'deny.json')}`
    await yard.aws(`codeartifact put-domain-permissions-policy --domain packyard --policy-document ${file}`)
    await untilStatus(yard, String(authorizationToken), 403)
    await yard.aws('codeartifact delete-domain-permissions-policy --domain packyard')
    await untilStatus(yard, String(authorizationToken), 200)
  })

  await t.test('a revoked token is refused by every process within a second, and so is a deleted user', async () => {
    const listed = await packyard(yard, [
      'token',
      'list',
      '--principal',
      `arn:aws:iam::${OWNER}:user/bo`,
      '--output',
      'json',
    ])
    const { tokens } = JSON.parse(listed.stdout) as { tokens: { tokenId: string }[] }
    assert.equal(tokens.length, 1)
    assert.equal((await packyard(yard, ['token', 'revoke', tokens[0]?.tokenId ?? ''])).code, 0)
    await untilStatus(yard, String(authorizationToken), 401)
    const second = String((await yard.aws(token, { env }))['authorizationToken'])
    yard.secret(second)
    await untilStatus(yard, second, 200)
    await yard.aws('iam delete-user-policy --user-name bo --policy-name p')
    await yard.aws(`iam delete-access-key --user-name bo --access-key-id ${accessKeyId}`)
    await yard.aws('iam delete-user --user-name bo')
    await untilStatus(yard, second, 401)
    assert.match((await yard.attemptAws('sts get-caller-identity', { env })).output, /InvalidClientTokenId/)
  })
})

/** Every process has to answer so within a second; each connection may meet another one. */
async function untilStatus(yard: Packyard, token: string, wanted: number): Promise<void> {
  const endpoint = await yard.endpoint('main')
  const ask = async () => {
    const headers = { authorization: `Bearer ${token}`, connection: 'close' }
    const response = await fetch(`${endpoint}tiny`, { headers })
    await response.arrayBuffer()
    return response.status
  }
  const deadline = performance.now() + 1000
  for (let inARow = 0; inARow < 8; ) {
    const status = await ask()
    inARow = status === wanted ? inARow + 1 : 0
    assert.ok(performance.now() < deadline || status === wanted, `still ${status} after a second`)
  }
}

test('Another account shares a domain as far as its policy goes', { skip: skipWithoutAws }, async (t) => {
  const yard = await startPackyard(t)
  const made = await packyard(yard, ['account', 'create', '123456789012', '--name', 'other'])
  assert.equal(made.code, 0, made.output)
  const [, id = '', secret = ''] = /aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/.exec(made.stdout) ?? []
  const env = await credentials(yard, id, secret)
  const describe = `codeartifact describe-domain --domain packyard --domain-owner ${OWNER}`
  const denied = await yard.attemptAws(describe, { env })
  assert.match(
    denied.output,
    /AccessDenied.*because no resource-based policy allows the codeartifact:DescribeDomain action/,
  )
  const hidden = await yard.attemptAws(describe.replace('packyard', 'nothing'), { env })
  assert.equal(hidden.output.replaceAll('nothing', 'packyard'), denied.output)
  const policy = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: '123456789012' },
      Action: 'codeartifact:DescribeDomain',
      Resource: '*',
    },
  }
  await writeFile(join(yard.folder, 'share.json'), JSON.stringify(policy))
  await yard.aws(
    `codeartifact put-domain-permissions-policy --domain packyard --policy-document file://${join(yard.folder, 'share.json')}`,
  )
  assert.equal((await yard.attemptAws(describe, { env })).code, 0)
  const question = [
    '--action',
    'codeartifact:DescribeDomain',
    '--resource',
    `arn:aws:codeartifact:us-east-1:${OWNER}:domain/packyard`,
  ]
  const explained = await packyard(yard, [
    'explain',
    '--principal',
    'arn:aws:iam::123456789012:user/admin',
    ...question,
  ])
  assert.match(explained.stdout, /user\/admin may codeartifact:DescribeDomain .*AdministratorAccess allows it/)
})

test('packyard login and run are all that npm needs', { skip }, async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const client = await yard.newClient('npm 11')
  const loggedIn = await packyard(yard, ['login', '--tool', 'npm'], { HOME: client.home })
  assert.equal(loggedIn.code, 0, loggedIn.output)
  yard.secret(/:_authToken=(\S+)/.exec(await readFile(join(client.home, '.npmrc'), 'utf8'))?.[1] ?? '')
  assert.ok(!loggedIn.output.includes('eyJ'))
  await client.add('tiny')
  const script = 'process.stdout.write(fs.readFileSync(process.env.NPM_CONFIG_USERCONFIG, "utf8"))'
  const shown = await packyard(yard, ['run', '--', process.execPath, '-e', script])
  assert.match(shown.stdout, /^registry=http:.*\/npm\/d\/packyard-000000000000\/main\/$/m)
  const failed = await packyard(yard, ['run', '--', process.execPath, '-e', 'process.exit(7)'])
  assert.equal(failed.code, 7)
})
