import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childOf, elementsOf, parseXml } from '../xml.ts'
import { setup } from './setup.ts'

test('what is pasted names the source, the domain and the token', () => {
  const [first, file] = setup(new URL('http://127.0.0.1:8686/nuget/d/acme-111122223333/team.1/'))
  const source = 'http://127.0.0.1:8686/nuget/d/acme-111122223333/team.1/v3/index.json'
  assert.match(first?.text ?? '', new RegExp(`^dotnet nuget add source "${source}" --name team-1 `))
  assert.match(first?.text ?? '', /--domain acme --domain-owner 111122223333 .*--allow-insecure-connections$/)
  assert.equal(file?.file, 'NuGet.Config')
  const settings = childOf(parseXml(Buffer.from(file?.text ?? ''), 'the file', 'kept'), 'configuration')
  const [added] = elementsOf(childOf(settings, 'packageSources'), 'add')
  assert.deepEqual([added?.['@key'], added?.['@value']], ['team-1', source])
  assert.equal(elementsOf(childOf(childOf(settings, 'packageSourceCredentials'), 'team-1'), 'add').length, 2)
})

test('an address with HTTPS needs no exception, and a name that begins with a digit gets a letter', () => {
  const [first, file] = setup(new URL('https://acme-111122223333.example.org/nuget/1st/'))
  assert.match(first?.text ?? '', / --name _1st .*--domain acme --domain-owner 111122223333/)
  assert.ok(![first?.text, file?.text].join('').toLowerCase().includes('insecure'))
})
