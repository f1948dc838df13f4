import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRepository } from './endpoint-url.ts'
import { readKeyringQuestion, renderKeyringAnswer } from './keyring.ts'

test('The questions of pip and of uv are understood, and nothing else is taken for one', () => {
  const service = 'http://host/simple/'
  assert.deepEqual(readKeyringQuestion(['get', service, 'aws']), { service, user: 'aws' })
  assert.deepEqual(readKeyringQuestion(['get', service, '--mode', 'creds']), { service, user: undefined })
  assert.deepEqual(readKeyringQuestion(['--mode', 'creds', 'get', service]), { service, user: undefined })
  for (const words of [[], ['get'], ['get', service], ['set', service, 'aws'], ['get', service, 'aws', 'more']]) {
    assert.equal(readKeyringQuestion(words), undefined, words.join(' '))
  }
  assert.equal(renderKeyringAnswer({ service, user: 'aws' }, 'secret'), 'secret\n')
  assert.equal(renderKeyringAnswer({ service, user: undefined }, 'secret'), 'aws\nsecret\n')
})

test('An address says which repository it is of, in the path or in the host', () => {
  const found = { format: 'pypi', domain: 'my-team', domainOwner: '111122223333', repository: 'main' }
  assert.deepEqual(readRepository('http://aws@h:1/pypi/d/my-team-111122223333/main/simple/'), found)
  assert.deepEqual(readRepository('https://h/prefix/pypi/d/my-team-111122223333/main'), found)
  assert.deepEqual(readRepository('https://my-team-111122223333.d.example/pypi/main/simple/'), found)
  for (const other of [
    '127.0.0.1:8686',
    'http://h/simple/',
    'http://h/pypi/d/my-team/main/',
    'https://x.example/a/b',
  ]) {
    assert.equal(readRepository(other), undefined, other)
  }
})
