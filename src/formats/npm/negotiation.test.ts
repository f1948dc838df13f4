import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wantsAbbreviated } from './negotiation.ts'

test('each client gets the packument it asks for', () => {
  const abbreviated = 'application/vnd.npm.install-v1+json'
  const asked: [string | undefined, boolean][] = [
    [`${abbreviated}; q=1.0, application/json; q=0.8, */*`, true],
    [abbreviated, true],
    [`application/json, ${abbreviated}`, true],
    [`application/json, ${abbreviated};q=0.5`, false],
    [`${abbreviated};q=0`, false],
    ['application/json', false],
    ['application/json; q=1.0, */*', false],
    ['*/*', false],
    ['', false],
    [undefined, false],
  ]
  for (const [accept, expected] of asked) assert.equal(wantsAbbreviated(accept), expected, String(accept))
})
