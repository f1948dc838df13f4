import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DescribeDomainCommand } from '@aws-sdk/client-codeartifact'
import { sdkClient, skipWithoutAws } from '../support/aws.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { allowing, createUser, packyard, putPolicy } from '../support/users.ts'

/** How soon what was taken back is refused everywhere. Unit: ms. */
const REFUSED_WITHIN_MS = 1000
/** Unit: ms. Far beyond, so that a slow machine fails on what is asserted and not on waiting. */
const GIVEN_UP_MS = 15_000
/** Requests in a row, each on a connection of its own, that make it certain that every process has answered. */
const ROUNDS = 12

const reading = ['codeartifact:GetAuthorizationToken', 'sts:GetServiceBearerToken', 'codeartifact:*']

testOnEachSetup(
  'What is taken back is refused by every process within a second',
  { skip: skipWithoutAws },
  async (t, setup) => {
    const here = await setup.start({ processes: 2 })
    // Another server on the same PostgreSQL; on SQLite the processes of one server are all there are.
    const there = setup.name === 'SQLite' ? [] : [await startPackyard(t, { beside: here, processes: 1 })]
    const servers = [here, ...there].map(({ url }) => url)

    await t.test('a package token', async (s) => {
      const { token } = await logIn(here, 'first')
      const ask = () => askAll(servers, token)
      await settle(ask, 200)
      await packyardWell(here, ['token', 'revoke', tokenId(token)])
      await showRefused(s, ask, 401)
    })

    await t.test('all tokens of a leaked key, and the key', async (s) => {
      const { token, accessKeyId, env } = await logIn(here, 'second')
      const ask = () => askAll(servers, token)
      await settle(ask, 200)
      await packyardWell(here, ['token', 'revoke', '--access-key', accessKeyId])
      await showRefused(s, ask, 401)
      const sign = () => signAll(servers, { ...here.env, ...env })
      await settle(sign, 200)
      await here.aws(`iam update-access-key --user-name second --access-key-id ${accessKeyId} --status Inactive`)
      await showRefused(s, sign, 403)
    })

    await t.test('a permission', async (s) => {
      const { token } = await logIn(here, 'third')
      const ask = () => askAll(servers, token)
      await settle(ask, 200)
      await putPolicy(here, 'third', allowing('codeartifact:GetAuthorizationToken'))
      await showRefused(s, ask, 403)
    })

    await t.test('a user, with every key and token', async (s) => {
      const { token, accessKeyId } = await logIn(here, 'fourth')
      const ask = () => askAll(servers, token)
      await settle(ask, 200)
      await here.aws('iam delete-user-policy --user-name fourth --policy-name p')
      await here.aws(`iam delete-access-key --user-name fourth --access-key-id ${accessKeyId}`)
      await here.aws('iam delete-user --user-name fourth')
      await showRefused(s, ask, 401)
    })
  },
)

/** A user who may do everything with packages, and a token of theirs. */
async function logIn(yard: Packyard, name: string) {
  const user = await createUser(yard, name)
  await putPolicy(yard, name, allowing(reading))
  const answer = await yard.aws('codeartifact get-authorization-token --domain packyard', { env: user.env })
  return { ...user, token: yard.secret(String(answer['authorizationToken'])) }
}

async function packyardWell(yard: Packyard, words: readonly string[]): Promise<void> {
  const result = await packyard(yard, words)
  assert.equal(result.code, 0, result.output)
}

function tokenId(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }
  return claims.jti
}

/** Statuses of every server, for a token. */
function askAll(servers: readonly string[], token: string): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}`, connection: 'close' }
  return Promise.all(
    servers.map(async (url) => {
      const response = await fetch(`${url}/npm/d/packyard-000000000000/main/-/whoami`, { headers })
      await response.arrayBuffer()
      return response.status
    }),
  )
}

/** Statuses of every server, for a signed request. */
function signAll(servers: readonly string[], env: Readonly<Record<string, string>>): Promise<number[]> {
  return Promise.all(
    servers.map(async (url) => {
      const client = sdkClient({ ...env, AWS_ENDPOINT_URL: url })
      try {
        await client.send(new DescribeDomainCommand({ domain: 'packyard' }))
        return 200
      } catch (error) {
        return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0
      } finally {
        client.destroy()
      }
    }),
  )
}

type Ask = () => Promise<readonly number[]>

/**
 * Every process answers so, many times in a row. Resolves to when the last other answer was asked for, counted from now:
 * 0 when there was none. Unit: ms.
 */
async function settle(ask: Ask, wanted: number): Promise<number> {
  const begunAt = performance.now()
  let lastOtherAt = begunAt
  for (let inARow = 0; inARow < ROUNDS; ) {
    const askedAt = performance.now()
    assert.ok(askedAt - begunAt < GIVEN_UP_MS, `not ${wanted} after ${GIVEN_UP_MS} ms`)
    const isSettled = (await ask()).every((status) => status === wanted)
    inARow = isSettled ? inARow + 1 : 0
    if (!isSettled) {
      lastOtherAt = askedAt
      await sleep(5)
    }
  }
  return lastOtherAt - begunAt
}

async function showRefused(t: Pick<TestContext, 'diagnostic'>, ask: Ask, status: number): Promise<void> {
  const refusedAfterMs = await settle(ask, status)
  t.diagnostic(`refused by all ${refusedAfterMs.toFixed(0)} ms after the command had ended`)
  assert.ok(refusedAfterMs < REFUSED_WITHIN_MS, `it was still let in after ${refusedAfterMs.toFixed(0)} ms`)
}
