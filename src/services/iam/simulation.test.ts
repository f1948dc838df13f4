import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isError, makeUser, startIam, trusting } from '../../../test/support/iam-calls.ts'
import { ACCOUNT_ID } from '../../../test/support/identity.ts'

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'codeartifact:*',
      Resource: '*',
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    },
    { Effect: 'Deny', Action: 'codeartifact:Delete*', Resource: '*' },
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team', 'step'] } },
    },
    { Effect: 'Allow', Action: 'iam:GetUser', Resource: 'arn:aws:iam::*:user/${aws:username}' },
  ],
})

const entry = (index: number, name: string, ...values: readonly string[]) => ({
  [`ContextEntries.member.${index}.ContextKeyName`]: name,
  [`ContextEntries.member.${index}.ContextKeyType`]: values.length > 1 ? 'stringList' : 'string',
  ...Object.fromEntries(
    values.map((value, at) => [`ContextEntries.member.${index}.ContextKeyValues.member.${at + 1}`, value]),
  ),
})

test('A simulation takes the context it is given, and says what it would have needed', async (t) => {
  const { call, succeed } = await startIam(t)
  const { arn } = await makeUser(succeed, 'bo')
  await succeed('PutUserPolicy', { UserName: 'bo', PolicyName: 'p', PolicyDocument: policy })
  await succeed('CreateRole', { RoleName: 'ci', AssumeRolePolicyDocument: trusting(ACCOUNT_ID) })
  await succeed('PutRolePolicy', { RoleName: 'ci', PolicyName: 'p', PolicyDocument: policy })
  const role = `arn:aws:iam::${ACCOUNT_ID}:role/ci`
  const simulate = async (action: string, more: Readonly<Record<string, string>> = {}, source = arn) => {
    const parameters = { PolicySourceArn: source, 'ActionNames.member.1': action, ...more }
    const text = await succeed('SimulatePrincipalPolicy', parameters)
    const missing = /<MissingContextValues>(.*?)<\/MissingContextValues>/s.exec(text)?.[1] ?? ''
    const keys = Array.from(missing.matchAll(/<member>([^<]+)/g), ([, key]) => key)
    return [/<EvalDecision>([^<]+)/.exec(text)?.[1], ...keys]
  }
  for (const source of [arn, role]) {
    const describe = (more = {}) => simulate('codeartifact:DescribeDomain', more, source)
    assert.deepEqual(await describe(), ['implicitDeny', 'aws:sourceip'])
    assert.deepEqual(await describe(entry(1, 'aws:SourceIp', '10.1.2.3')), ['allowed'])
    assert.deepEqual(await describe(entry(1, 'AWS:sourceip', '192.0.2.1')), ['implicitDeny'])
    const deleting = await simulate('codeartifact:DeleteDomain', entry(1, 'aws:SourceIp', '10.1.2.3'), source)
    assert.deepEqual(deleting, ['explicitDeny'])
  }
  assert.deepEqual(await simulate('s3:GetObject', entry(1, 'aws:TagKeys', 'step', 'more')), ['allowed'])
  assert.deepEqual(await simulate('s3:GetObject', entry(1, 'aws:TagKeys', 'more')), ['implicitDeny'])
  assert.deepEqual(await simulate('iam:GetUser', { 'ResourceArns.member.1': arn }), ['allowed'])
  const bad = { ...entry(1, 'aws:SourceIp', '10.1.2.3'), 'ContextEntries.member.1.ContextKeyType': 'colour' }
  const asked = { PolicySourceArn: arn, 'ActionNames.member.1': 's3:GetObject', ...bad }
  isError(await call('SimulatePrincipalPolicy', asked), 400, 'ValidationError', /ContextKeyType.*colour/)
  const nobody = { PolicySourceArn: `${arn}x`, 'ActionNames.member.1': 's3:GetObject' }
  isError(await call('SimulatePrincipalPolicy', nobody), 404, 'NoSuchEntity')
})
