import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchesArn } from './arn-pattern.ts'
import { allow, decide, domainArn, packageArn, repositoryArn } from './rows.fixture.ts'
import { parseTemplate } from './template.ts'
import { matches } from './wildcards.ts'

const prefix = 'arn:aws:codeartifact:us-east-1:111122223333'

const arns: readonly (readonly [string, string, boolean])[] = [
  ['*', domainArn, true],
  ['*', '*', true],
  [domainArn, domainArn, true],
  [domainArn, '*', false],
  [domainArn, `${domainArn}x`, false],
  [`${domainArn}*`, `${domainArn}x`, true],
  [`${domainArn}?`, `${domainArn}x`, true],
  [`${domainArn}?`, domainArn, false],
  [`${prefix}:domain/D`, domainArn, false],
  [`${prefix}:*`, domainArn, true],
  [`${prefix}:*`, packageArn, true],
  [`${prefix}:repository/*`, repositoryArn, true],
  [`${prefix}:repository/*/*test`, `${prefix}:repository/d/mytest`, true],
  [`${prefix}:repository/*/*test`, `${prefix}:repository/d/mytests`, false],
  [`${prefix}:package/d/r/*`, packageArn, true],
  [`${prefix}:package/d/r/npm/*`, packageArn, true],
  [`${prefix}:package/d/r/pypi/*`, packageArn, false],
  [`${prefix}:package/d/r/npm//react`, `${prefix}:package/d/r/npm//react`, true],
  [`${prefix}:package/d/r/npm/*/react`, `${prefix}:package/d/r/npm//react`, true],
  ['arn:aws:codeartifact:*:*:domain/d', domainArn, true],
  ['arn:aws:codeartifact:us-*:*:domain/d', domainArn, true],
  ['arn:aws:codeartifact:eu-*:*:domain/d', domainArn, false],
  ['arn:aws:codeartifact:us-east-1:*:d*', domainArn, true],
  ['arn:aws:*:us-east-1:111122223333:domain/d', domainArn, true],
  ['arn:aws-cn:codeartifact:us-east-1:111122223333:domain/d', domainArn, false],
  ['arn:aws:code*:domain/d', domainArn, false],
  ['arn:aws:codeartifact:*', domainArn, true],
  ['arn:aws:codeartifact', domainArn, true],
  ['arn:aws:s3:*', domainArn, false],
  [
    'arn:aws:codeartifact:us-east-1:111122223333:package/d/r/generic/a/b:c',
    `${prefix}:package/d/r/generic/a/b:c`,
    true,
  ],
  ['arn:aws:codeartifact:us-east-1:111122223333:package/d/*:c', `${prefix}:package/d/r/generic/a/b:c`, true],
  ['', domainArn, false],
]

for (const [pattern, arn, expected] of arns) {
  test(`The pattern '${pattern}' ${expected ? 'covers' : 'does not cover'} ${arn}`, () => {
    assert.equal(
      matchesArn(parseTemplate(pattern, 'variables'), arn, () => undefined),
      expected,
    )
  })
}

test('In resource policies a short pattern must end in a wildcard', () => {
  const covers = (text: string) =>
    matchesArn(parseTemplate(text, 'variables'), domainArn, () => undefined, 'open after wildcard')
  assert.equal(covers('arn:aws:codeartifact:*'), true)
  assert.equal(covers('arn:aws:codeartifact'), false)
})

const actions: readonly (readonly [string, boolean])[] = [
  ['*', true],
  ['codeartifact:*', true],
  ['CodeArtifact:describedomain', true],
  ['codeArtifact:DescribeDomain', true],
  ['codeartifact:Describe*', true],
  ['codeartifact:*Domain', true],
  ['codeartifact:Describe?omain', true],
  ['codeartifact:DescribeDomains', false],
  ['codeartifact:Describe', false],
  ['codeartifact:describe?domain', false],
  ['s3:*', false],
]

for (const [pattern, expected] of actions) {
  test(`The action '${pattern}' ${expected ? 'covers' : 'does not cover'} DescribeDomain`, () => {
    const row = { action: 'codeartifact:DescribeDomain', resource: domainArn, identity: allow(pattern) }
    assert.equal(decide(row).outcome === 'allow', expected)
  })
}

test('A pattern made to go back and forth takes no longer than the product of the lengths', () => {
  const subject = 'a'.repeat(2000)
  const bad = parseTemplate(`${'*a'.repeat(1000)}b`, 'variables')
  const worse = parseTemplate(`${'*?a?'.repeat(500)}b*`, 'variables')
  const startedAt = performance.now()
  for (let count = 0; count < 20; count++) {
    assert.equal(matches(bad, subject), false)
    assert.equal(matches(worse, subject), false)
  }
  // A matcher that tries every way would not end before the sun does.
  assert.ok(performance.now() - startedAt < 5000)
})

test('Without version 2012-10-17 a variable is text', () => {
  assert.equal(matches(parseTemplate('x/${aws:username}', 'literal'), 'x/${aws:username}'), true)
})
