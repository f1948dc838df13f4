import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Answer, startAwsPlane } from './aws-plane.ts'
import { ACCOUNT_ID } from './identity.ts'

export const versions = { iam: '2010-05-08', sts: '2011-06-15' }

/** Another service than IAM, another caller than the administrator. */
export interface Sending {
  readonly service?: 'iam' | 'sts'
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
}

/** IAM and STS behind a server of their own, and an administrator who calls them. */
export async function startIam(t: TestContext) {
  const stage = await startAwsPlane(t)
  const send = (action: string, parameters: Readonly<Record<string, string>> = {}, sending: Sending = {}) => {
    const { service = 'iam', credentials } = sending
    const body = new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    return stage.send({ target: '/', service, headers, body, ...(credentials && { credentials }) })
  }
  const succeed = async (action: string, parameters: Readonly<Record<string, string>> = {}, sending: Sending = {}) => {
    const answer = await send(action, parameters, sending)
    assert.equal(answer.status, 200, `${action}: ${answer.text}`)
    return answer.text
  }
  return { ...stage, call: send, succeed }
}

/** The text of the first element of that name; '' where there is none. */
export const element = (text: string, name: string): string =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]?.replaceAll('&#38;', '&') ?? ''

/** What an error says, and how. */
export function isError(answer: Answer, status: number, code: string, message?: RegExp): void {
  assert.deepEqual([answer.status, element(answer.text, 'Code')], [status, code], answer.text)
  if (message) assert.match(answer.text, message)
}

/** A policy for a user. */
export const allowing = (action: string, resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: resource } })
/** A policy for a role. */
export const trusting = (aws: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: aws }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
  })

/** The ARN of a policy that every account has. */
export const managed = (name: string) => `arn:aws:iam::aws:policy/${name}`

/** A user of that name, with a key. */
export async function makeUser(
  succeed: (action: string, parameters: Readonly<Record<string, string>>) => Promise<string>,
  name: string,
): Promise<{ accessKeyId: string; secretAccessKey: string; arn: string }> {
  await succeed('CreateUser', { UserName: name })
  const key = await succeed('CreateAccessKey', { UserName: name })
  const arn = `arn:aws:iam::${ACCOUNT_ID}:user/${name}`
  return { accessKeyId: element(key, 'AccessKeyId'), secretAccessKey: element(key, 'SecretAccessKey'), arn }
}

/** What AssumeRole and its like answer. */
export function sessionOf(text: string) {
  return {
    accessKeyId: element(text, 'AccessKeyId'),
    secretAccessKey: element(text, 'SecretAccessKey'),
    sessionToken: element(text, 'SessionToken'),
  }
}
