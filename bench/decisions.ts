import { createAuthorizer } from '../src/access/authorize.ts'
import { repositoryArn } from '../src/access/arns.ts'
import { parsePolicyDocument } from '../src/access/policy/parse-document.ts'
import type { Caller, Grants, Principal } from '../src/access/principal.ts'
import { openSqlite } from '../src/storage/metadata/sqlite/open.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, renderTable } from './report.ts'

const OWNER = '111122223333'
const arns = { partition: 'aws', region: 'us-east-1' }
const domain = { owner: OWNER, name: 'acme' }
const resource = repositoryArn(arns, domain, 'main')
const action = 'codeartifact:ReadFromRepository'

/** Decisions in a round, and rounds; the median of these counts. */
const DECISIONS = 2_000
const ROUNDS = 15

export interface DecisionCost {
  readonly title: string
  /** Processor time of one decision. Unit: µs. */
  readonly medianUs: number
}

/** What it costs to decide whether a warm read is allowed. */
export async function benchDecisions(lifetime: Lifetime): Promise<readonly DecisionCost[]> {
  const authorize = await openStage(lifetime)
  const rows = [
    ['remembered: one statement', callerWith(1)],
    ['remembered: 10 policies of 10 statements', callerWith(10)],
    ['made anew, as it looks at the address: one statement', callerWith(1, byAddress)],
    ['made anew, as it looks at the address: 10 policies of 10 statements', callerWith(10, byAddress)],
  ] as const
  const costs = rows.map(([title, caller]) => ({ title, medianUs: median(rounds(() => authorize(caller))) }))
  const cells = costs.map(({ title, medianUs }) => [title, medianUs.toFixed(2)])
  console.log(
    `Deciding ReadFromRepository, domain and repository policy included\n${renderTable(['', 'µs of CPU'], cells)}\n`,
  )
  return costs
}

function rounds(decide: () => void): number[] {
  const times: number[] = []
  for (let round = -2; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let each = 0; each < DECISIONS; each++) decide()
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) times.push((user + system) / DECISIONS)
  }
  return times
}

/** As a warm read does it: what is at hand is asked for first. */
async function openStage(lifetime: Lifetime): Promise<(caller: Caller) => void> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-bench-'))
  lifetime.after(() => rm(folder, { recursive: true }))
  const metadata = await openSqlite({ file: join(folder, 'packyard.db') })
  lifetime.after(() => metadata.close())
  await metadata.write(async ({ tx }) => {
    await tx.insertInto('accounts').values({ id: OWNER, name: 'bench', created_at: 0 }).execute()
    const row = { id: 'd', owner: OWNER, name: domain.name, encryption_key: '', created_at: 0 }
    await tx
      .insertInto('domains')
      .values({ ...row, asset_size_bytes: 0, repository_count: 0 })
      .execute()
    const statement = { Effect: 'Allow', Principal: { AWS: OWNER }, Action: 'codeartifact:*', Resource: '*' }
    const document = JSON.stringify({ Version: '2012-10-17', Statement: statement })
    const policy = { resource_id: 'd', document, revision: 'r', principals: '{}', updated_at: 0 }
    await tx.insertInto('resource_policies').values(policy).execute()
  })
  const authorizer = createAuthorizer({ metadata, arns, clock: Date.now })
  await authorizer.prepare(resource)
  return (caller) => {
    if (authorizer.prepare(resource)) throw new Error('the policies are not at hand')
    authorizer.authorize(caller, action, resource)
  }
}

const byAddress = { Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }

/** The statement that allows is the last of all that are looked at. */
function callerWith(count: number, more: object = {}): Caller {
  const other = (index: number) => ({
    Effect: 'Allow',
    Action: ['s3:Get*', `codeartifact:Describe*`],
    Resource: `arn:aws:codeartifact:*:*:repository/acme/team-${index}-*`,
  })
  const identity = Array.from({ length: count }, (_, policy) => {
    const statements = Array.from({ length: count }, (_each, index) => other(policy * count + index))
    const isLast = policy === count - 1
    const own = { Effect: 'Allow', Action: 'codeartifact:Read*', Resource: '*', ...more }
    const Statement = isLast ? [...statements.slice(1), own] : statements
    const text = JSON.stringify({ Version: '2012-10-17', Statement })
    return { name: `policy ${policy}`, document: parsePolicyDocument(text, 'identity') }
  })
  const grants: Grants = { identity, boundary: undefined, session: undefined }
  const principal: Principal = {
    kind: 'user',
    accountId: OWNER,
    arn: `arn:aws:iam::${OWNER}:user/alice`,
    userName: 'alice',
    principalId: 'AIDAAAAAAAAAAAAAAAAAA',
    accessKeyId: 'AKIAAAAAAAAAAAAAAAAA',
    roleArn: undefined,
    tags: new Map(),
    grants,
    session: undefined,
  }
  return { principal, requestId: 'id', remoteAddress: '203.0.113.9', userAgent: '', isSecure: true }
}
