import type { NamedPolicy } from './document.ts'
import { type Decision, evaluate, type PolicySubject } from './evaluate.ts'
import { parsePolicyDocument } from './parse-document.ts'
import { targetOf } from './target.ts'
import type { Context } from './template.ts'

/** Account that owns the domain, account that administers the repository, and one that does neither. */
export const OWNER = '111122223333'
export const OTHER = '123456789012'
export const THIRD = '444455556666'
const PLACE = { partition: 'aws', region: 'us-east-1' }

export const domainArn = `arn:aws:codeartifact:us-east-1:${OWNER}:domain/d`
export const repositoryArn = `arn:aws:codeartifact:us-east-1:${OWNER}:repository/d/r`
export const packageArn = `arn:aws:codeartifact:us-east-1:${OWNER}:package/d/r/npm/parity/ui`

/** One statement, or several. */
export type Grant = object | readonly object[]

export interface Row {
  readonly account?: string
  readonly kind?: PolicySubject['kind']
  readonly action: string
  readonly resource: string
  readonly identity?: Grant
  readonly boundary?: Grant
  readonly session?: Grant
  readonly domain?: Grant
  readonly repository?: Grant
  readonly administrator?: string
  readonly context?: Readonly<Record<string, string | readonly string[]>>
}

function named(grant: Grant, kind: 'identity' | 'resource', name: string): NamedPolicy {
  return { name, document: parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement: grant }), kind) }
}

function subjectOf(row: Row): PolicySubject {
  const { account = OWNER, kind = 'user' } = row
  const arns = {
    root: `arn:aws:iam::${account}:root`,
    user: `arn:aws:iam::${account}:user/alice`,
    'role-session': `arn:aws:sts::${account}:assumed-role/ci/run-1`,
    'federated-user': `arn:aws:sts::${account}:federated-user/bob`,
  }
  return {
    kind,
    accountId: account,
    arn: arns[kind],
    roleArn: kind === 'role-session' ? `arn:aws:iam::${account}:role/ci` : undefined,
    identity: row.identity === undefined ? [] : [named(row.identity, 'identity', 'id')],
    boundary: row.boundary === undefined ? undefined : named(row.boundary, 'identity', 'boundary'),
    session: row.session === undefined ? undefined : [named(row.session, 'identity', 'session')],
  }
}

export function decide(row: Row): Decision {
  const context: Context = (key) => row.context?.[key]
  const policies = {
    administrator: row.administrator,
    domain: row.domain === undefined ? undefined : named(row.domain, 'resource', 'dom'),
    repository: row.repository === undefined ? undefined : named(row.repository, 'resource', 'rep'),
  }
  const place = { ...PLACE, account: row.account ?? OWNER }
  const target = targetOf(row.action, row.resource, policies, place)
  return evaluate(subjectOf(row), target, { action: row.action, context })
}

export const allow = (action: string, resource = '*', more: object = {}): object => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
})
export const deny = (action: string, resource = '*', more: object = {}): object => ({
  ...allow(action, resource, more),
  Effect: 'Deny',
})
/** With a principal, for resource policies. */
export const allowTo = (aws: string, action: string, resource = '*'): object =>
  allow(action, resource, { Principal: aws === '*' ? '*' : { AWS: aws } })
export const denyTo = (aws: string, action: string, resource = '*'): object => ({
  ...allowTo(aws, action, resource),
  Effect: 'Deny',
})
