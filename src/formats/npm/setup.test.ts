import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setup } from './setup.ts'

function textOf(endpoint: string, find: string): string {
  return setup(new URL(endpoint)).find(({ title, file }) => file === find || title.startsWith(find))?.text ?? ''
}

test('what is pasted names domain and repository, in both forms of an address', () => {
  const endpoints = [
    'http://127.0.0.1:8686/npm/d/my-acme-111122223333/team.x/',
    'https://my-acme-111122223333.packages.example/npm/team.x/',
  ]
  for (const endpoint of endpoints) {
    assert.equal(
      textOf(endpoint, 'npm, Yarn 1'),
      'aws codeartifact login --tool npm --domain my-acme --domain-owner 111122223333 --repository team.x',
    )
    const npmrc = textOf(endpoint, '.npmrc')
    assert.match(npmrc, new RegExp(`^registry=${endpoint}$`, 'm'))
    assert.ok(npmrc.includes(`\n${endpoint.replace(/^https?:/, '')}:_authToken=\${CODEARTIFACT_AUTH_TOKEN}\n`))
    assert.ok(textOf(endpoint, '.yarnrc.yml').includes(`npmRegistryServer: "${endpoint}"`))
    assert.match(textOf(endpoint, 'pnpm'), /--domain my-acme --domain-owner 111122223333 .*--output text/)
  }
})

test('Yarn 4 is told to speak without TLS only where there is none', () => {
  const plain = textOf('http://127.0.0.1:8686/npm/d/acme-111122223333/team/', '.yarnrc.yml')
  assert.match(plain, /unsafeHttpWhitelist: \["127\.0\.0\.1"\]/)
  assert.doesNotMatch(textOf('https://x.example/npm/d/acme-111122223333/team/', '.yarnrc.yml'), /unsafe/)
})
