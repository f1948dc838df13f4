import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { skipWithoutClient } from '../support/clients.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { run, runWell } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { skipWithoutTerraform, terraformPlugins } from '../support/terraform.ts'
import { startUpstream } from '../support/upstream.ts'

const OWNER = '000000000000'

function document(action: string | readonly string[], resource: string | readonly string[] = '*'): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: resource } })
}

/** A user with a key; the variables with which AWS clients are that user. */
async function createUser(yard: Packyard, name: string) {
  await yard.aws(`iam create-user --user-name ${name}`)
  const { AccessKey } = await yard.aws(`iam create-access-key --user-name ${name}`)
  const key = AccessKey as { AccessKeyId: string; SecretAccessKey: string }
  return { accessKeyId: key.AccessKeyId, env: await credentials(yard, key.AccessKeyId, key.SecretAccessKey) }
}

/** A credentials file with the profile that the variables name already. */
async function credentials(yard: Packyard, id: string, secret: string): Promise<Record<string, string>> {
  const file = join(yard.folder, `credentials-${id}`)
  await writeFile(file, `[packyard]\naws_access_key_id = ${id}\naws_secret_access_key = ${yard.secret(secret)}\n`)
  return { AWS_SHARED_CREDENTIALS_FILE: file }
}

/** A command of ours, as somebody with these variables. */
function packyard(yard: Packyard, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const settings = { ...yard.serverEnv, PACKYARD_PORT: new URL(yard.url).port }
  return run(process.execPath, [mainProgram, ...args], { cwd: yard.folder, env: { ...settings, ...yard.env, ...env } })
}

async function putPolicy(yard: Packyard, user: string, policy: string): Promise<void> {
  const file = join(yard.folder, `${user}.json`)
  await writeFile(file, policy)
  await yard.aws(`iam put-user-policy --user-name ${user} --policy-name p --policy-document file://${file}`)
}

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
  await putPolicy(yard, 'bo', document(reading))
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

const terraform = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
  skip_metadata_api_check = true
  skip_region_validation = true
  endpoints {
    codeartifact = "URL"
    sts = "URL"
    iam = "URL"
  }
}
resource "aws_iam_user" "ci" {
  name = "tf-ci"
  path = "/tf/"
  force_destroy = true
  tags = { team = "blue" }
}
resource "aws_iam_access_key" "ci" { user = aws_iam_user.ci.name }
resource "aws_iam_user_policy" "ci" {
  name = "inline"
  user = aws_iam_user.ci.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "codeartifact:*", Resource = "*" }] })
}
resource "aws_iam_group" "readers" { name = "readers" }
resource "aws_iam_group_membership" "readers" {
  name = "m"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.ci.name]
}
resource "aws_iam_policy" "read" {
  name = "read"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "codeartifact:ACTION", Resource = "*" }] })
}
resource "aws_iam_group_policy_attachment" "readers" {
  group = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_role" "ci" {
  name = "ci"
  description = "for CI"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.ci.arn } }] })
}
resource "aws_iam_role_policy_attachment" "ci" {
  role = aws_iam_role.ci.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess"
}
resource "aws_iam_openid_connect_provider" "ci" {
  url = "https://issuer.example"
  client_id_list = ["sts.amazonaws.com"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}
resource "aws_codeartifact_domain_permissions_policy" "share" {
  domain = "packyard"
  policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "codeartifact:DescribeDomain", Principal = { AWS = aws_iam_role.ci.arn }, Resource = "*" }] })
}
`

test('Terraform makes users, groups, roles and policies, sees no drift, and removes them', {
  skip: skipWithoutTerraform,
}, async (t) => {
  const yard = await startPackyard(t)
  const folder = join(yard.folder, 'terraform')
  await mkdir(folder)
  const write = (action: string) =>
    writeFile(join(folder, 'main.tf'), terraform.replaceAll('URL', yard.url).replace('ACTION', action))
  const tf = (...args: string[]) =>
    runWell('terraform', args, {
      cwd: folder,
      env: { ...yard.env, PATH: process.env['PATH'] ?? '', CHECKPOINT_DISABLE: '1' },
      timeoutMs: 120_000,
    })
  await write('List*')
  await tf('init', `-plugin-dir=${terraformPlugins}`, '-input=false')
  await tf('apply', '-auto-approve', '-input=false', '-no-color')
  assert.match((await tf('plan', '-input=false', '-no-color')).stdout, /No changes/)
  await write('Describe*')
  await tf('apply', '-auto-approve', '-input=false', '-no-color')
  assert.match((await tf('plan', '-input=false', '-no-color')).stdout, /No changes/)
  await tf('destroy', '-auto-approve', '-input=false', '-no-color')
  const users = (await yard.aws('iam list-users'))['Users'] as { UserName: string }[]
  assert.deepEqual(
    users.map(({ UserName }) => UserName),
    ['admin'],
  )
})
