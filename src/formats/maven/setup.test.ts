import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseXml } from '../xml.ts'
import { setup } from './setup.ts'

test('what people paste names this repository, in both forms of its address', () => {
  const addresses = [
    'http://127.0.0.1:8686/maven/d/acme-111122223333/team/',
    'https://acme-111122223333.packages.example/maven/team/',
  ]
  for (const address of addresses) {
    const steps = setup(new URL(address))
    const text = steps.map((step) => step.text).join('\n')
    assert.equal(text.split(address).length - 1 >= 6, true, text)
    assert.match(text, /--domain acme --domain-owner 111122223333/)
    assert.match(text, /Credentials\("acme\/team", "/)
    assert.equal(/insecure/i.test(text), address.startsWith('http:'))
    const settings = steps.find(({ file }) => file === '~/.m2/settings.xml')?.text ?? ''
    assert.ok('settings' in parseXml(Buffer.from(settings), 'settings.xml'))
  }
})
