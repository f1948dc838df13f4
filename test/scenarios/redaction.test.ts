import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { startIssuer } from '../support/oidc-issuer.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { processTree } from '../support/processes.ts'
import { startUpstream } from '../support/upstream.ts'
import { allowing, createUser, packyard, putPolicy } from '../support/users.ts'

/** What somebody made, by what it is. */
type Secrets = Map<string, string>

test('No secret of a whole run stands in a log, an answer, a process list, the audit trail or the database', {
  skip: skipWithoutAws,
}, async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const secrets: Secrets = new Map([
    ['password of a connection', 'upstream-password-of-nobody'],
    ['header of a connection', 'upstream-header-of-nobody'],
  ])
  const connection = {
    url: upstream.url,
    username: 'us',
    password: secrets.get('password of a connection') ?? '',
    headers: { 'x-upstream-key': secrets.get('header of a connection') ?? '' },
  }
  const yard = await startPackyard(t, {
    connections: { 'public:npmjs': connection },
    env: { PACKYARD_OIDC_HOSTS: '127.0.0.0/8', PACKYARD_LOG_LEVEL: 'debug' },
  })
  secrets.set('key of the administrator', await administratorSecret(yard))
  await makeSecrets(yard, secrets)
  const issuer = await startIssuer(t)
  secrets.set('token of a CI system', await issuer.sign())
  assert.ok(secrets.size >= 9, [...secrets.keys()].join())
  for (const [what, secret] of secrets) assert.ok(secret.length > 15, what)

  const answers = await misuse(yard, secrets)
  const lines = processTree(yard.server.pid).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
  const commandLines = (await Promise.all(lines)).join('\n')
  await yard.stop()
  const stored = await filesBelow(yard.dataDir, ['credentials'])
  const places = { log: yard.server.log, answers: answers.join('\n'), 'process list': commandLines, ...stored }
  assert.match(yard.server.log, /"msg"|"message"/, 'there is a log to look through')
  assert.ok(Object.keys(stored).some((name) => name.endsWith('packyard.db')))
  for (const [place, text] of Object.entries(places)) {
    for (const [what, secret] of secrets) assert.ok(!text.includes(secret), `the ${what} stands in ${place}`)
  }
})

async function administratorSecret({ dataDir }: Packyard): Promise<string> {
  const text = await readFile(join(dataDir, 'credentials'), 'utf8')
  return /aws_secret_access_key = (\S+)/.exec(text)?.[1] ?? ''
}

/** Keys, sessions and tokens of every kind that there is. */
async function makeSecrets(yard: Packyard, secrets: Secrets): Promise<void> {
  const { env } = await createUser(yard, 'bo')
  await putPolicy(yard, 'bo', allowing(['codeartifact:*', 'sts:*']))
  const { AWS_SHARED_CREDENTIALS_FILE: file = '' } = env
  secrets.set('key of a user', /aws_secret_access_key = (\S+)/.exec(await readFile(file, 'utf8'))?.[1] ?? '')
  for (const [what, command] of [
    ['session', 'sts get-session-token'],
    ['federated session', 'sts get-federation-token --name fed'],
  ] as const) {
    const { Credentials } = await yard.aws(command, { env })
    const { SecretAccessKey = '', SessionToken = '' } = Credentials as Record<string, string>
    secrets.set(`key of a ${what}`, SecretAccessKey).set(`token of a ${what}`, SessionToken)
  }
  const root = await packyard(yard, ['account', 'root-key', '000000000000'])
  secrets.set('key of the root user', /aws_secret_access_key = (\S+)/.exec(root.stdout)?.[1] ?? '')
  const issued = await yard.aws('codeartifact get-authorization-token --domain packyard', { env })
  secrets.set('package token', String(issued['authorizationToken']))
}

/** Uses everything, and everything wrongly. Resolves to what was answered. */
async function misuse(yard: Packyard, secrets: Secrets): Promise<string[]> {
  const endpoint = await yard.endpoint('main')
  const token = secrets.get('package token') ?? ''
  const session = encodeURIComponent(secrets.get('token of a session') ?? '')
  const jwt = secrets.get('token of a CI system') ?? ''
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const asks: [string, RequestInit][] = [
    [`${endpoint}tiny`, { headers: { authorization: `Bearer ${token}` } }],
    [`${endpoint}tiny`, { headers: { authorization: basic(`aws:${token}`) } }],
    [`${endpoint}tiny`, { headers: { authorization: basic(`${token}:aws`) } }],
    [`${endpoint}tiny`, { headers: { authorization: `Bearer ${token}x` } }],
    [`${endpoint}tiny?token=${token}`, {}],
    [endpoint.replace('packyard-0', 'nobody-0'), { headers: { authorization: `Bearer ${token}` } }],
    [
      `${endpoint}%40acme%2fx`,
      { method: 'PUT', body: `{"_token":"${token}"`, headers: { authorization: `Bearer ${token}` } },
    ],
    [`${yard.url}/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Security-Token=${session}&X-Amz-Signature=00`, {}],
    [`${yard.url}/v1/domains?X-Amz-Security-Token=${session}`, { method: 'POST' }],
    [`${yard.url}/`, { headers: { 'x-amz-security-token': secrets.get('token of a session') ?? '' }, method: 'POST' }],
  ]
  for (const RoleArn of ['arn:aws:iam::000000000000:role/none', 'none']) {
    const form = { Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleArn, RoleSessionName: 'run' }
    asks.push([`${yard.url}/`, { method: 'POST', body: new URLSearchParams({ ...form, WebIdentityToken: jwt }) }])
  }
  const answers = await Promise.all(
    asks.map(async ([url, request]) => {
      const response = await fetch(url, request)
      return `${response.status} ${JSON.stringify(Object.fromEntries(response.headers))} ${await response.text()}`
    }),
  )
  assert.ok(answers.some((answer) => answer.startsWith('200')))
  assert.ok(answers.filter((answer) => answer.startsWith('4')).length >= 8, answers.join('\n').slice(0, 2000))
  // As somebody who puts the wrong word into the wrong place.
  const wrong = join(yard.folder, 'wrong.json')
  await writeFile(wrong, `{"Version":"2012-10-17","Statement":"${token}"}`)
  const put = `iam put-user-policy --user-name bo --policy-name p --policy-document file://${wrong}`
  assert.match((await yard.attemptAws(put)).output, /MalformedPolicyDocument/)
  return answers
}

async function filesBelow(folder: string, left: readonly string[]): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !left.includes(entry.name))
  const texts = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    return [path, (await readFile(path)).toString('latin1')] as const
  })
  return Object.fromEntries(await Promise.all(texts))
}
