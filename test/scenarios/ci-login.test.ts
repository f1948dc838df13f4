import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { clientProgram, skipWithoutClient } from '../support/clients.ts'
import { startIssuer } from '../support/oidc-issuer.ts'
import { startPackyard } from '../support/packyard.ts'
import { ToolUser } from '../support/tool-user.ts'
import { startUpstream } from '../support/upstream.ts'
import { allowing } from '../support/users.ts'

const OWNER = '000000000000'

test('A CI job logs in with the token that its own system gives it, and installs', {
  skip: skipWithoutAws || skipWithoutClient('npm 11'),
}, async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const issuer = await startIssuer(t)
  const yard = await startPackyard(t, {
    connections: { 'public:npmjs': upstream.url },
    env: { PACKYARD_OIDC_HOSTS: '127.0.0.0/8' },
  })
  const trust = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${OWNER}:oidc-provider/${issuer.host}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${issuer.host}:aud`]: 'sts.amazonaws.com' },
        StringLike: { [`${issuer.host}:sub`]: 'repo:acme/*:ref:refs/heads/main' },
      },
    },
  }
  const file = async (name: string, text: string) => {
    await writeFile(join(yard.folder, name), text)
    return `file://${join(yard.folder, name)}`
  }
  const audience = '--client-id-list sts.amazonaws.com'
  await yard.aws(`iam create-open-id-connect-provider --url ${issuer.url} ${audience}`)
  const trustFile = await file('trust.json', JSON.stringify(trust))
  await yard.aws(`iam create-role --role-name ci --assume-role-policy-document ${trustFile}`)
  const reading = ['codeartifact:Get*', 'codeartifact:ReadFromRepository', 'sts:GetServiceBearerToken']
  const policyFile = await file('policy.json', allowing(reading))
  await yard.aws(`iam put-role-policy --role-name ci --policy-name p --policy-document ${policyFile}`)

  /** What a job's environment holds: no key, and a token of the system that runs it. */
  const job = async (claims: Record<string, unknown> = {}) => {
    const path = join(yard.folder, `token-${Math.random()}`)
    await writeFile(path, yard.secret(await issuer.sign(claims)))
    const none = join(yard.folder, 'no-credentials')
    // The profile that `packyard env` names, with nothing in it.
    await writeFile(none, '[packyard]\n')
    return {
      AWS_WEB_IDENTITY_TOKEN_FILE: path,
      AWS_ROLE_ARN: `arn:aws:iam::${OWNER}:role/ci`,
      AWS_ROLE_SESSION_NAME: 'job-1',
      AWS_SHARED_CREDENTIALS_FILE: none,
    }
  }

  await t.test('by the AWS CLI', async () => {
    const env = await job()
    const who = await yard.aws('sts get-caller-identity', { env })
    assert.equal(who['Arn'], `arn:aws:sts::${OWNER}:assumed-role/ci/job-1`)
    const { authorizationToken } = await yard.aws('codeartifact get-authorization-token --domain packyard', { env })
    yard.secret(String(authorizationToken))
    const client = await yard.newClient('npm 11')
    await client.configure(await yard.endpoint('main'), String(authorizationToken))
    await client.add('tiny')
    await assert.rejects(client.publish({ name: '@acme/x', version: '1.0.0' }), /403|not authorized/)
    assert.deepEqual(await yard.versions('main', '@acme/x'), [])
  })

  await t.test('by packyard run', async () => {
    const user = await ToolUser.create(yard)
    await user.write({ 'package.json': '{"name":"application","version":"1.0.0","private":true}' })
    const words = ['run', '--', ...clientProgram('npm 11'), 'install', 'tiny']
    const installed = await user.packyard(words, await job())
    assert.equal(installed.code, 0, installed.output)
    assert.doesNotMatch(await user.settings(), /eyJ/)
  })

  await t.test('of another branch it is refused, with the reason that may be told', async () => {
    const user = await ToolUser.create(yard)
    const env = await job({ sub: 'repo:acme/web:ref:refs/heads/feature' })
    const refused = await user.packyard(['login', '--tool', 'npm'], env)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /^packyard: the server answers 403: Not authorized to perform sts:AssumeRoleWithWebId/)
    const late = await job({ exp: Math.floor(Date.now() / 1000) - 3600 })
    // In another home, as the CLI keeps the sessions that it has.
    const expired = await yard.attemptAws('sts get-caller-identity', { env: late, home: user.home })
    assert.match(expired.output, /ExpiredToken/)
  })
})
