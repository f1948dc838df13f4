import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forbiddenKind, parseAllowedHosts } from './addresses.ts'

const forbidden: Readonly<Record<string, string>> = {
  '127.0.0.1': 'loopback',
  '127.255.0.9': 'loopback',
  '[::1]': 'loopback',
  '0.0.0.0': 'unspecified',
  '::': 'unspecified',
  '10.1.2.3': 'private',
  '172.31.255.255': 'private',
  '192.168.0.1': 'private',
  'fd00:ec2::254': 'private',
  '169.254.169.254': 'link-local',
  'fe80::1': 'link-local',
  '100.64.0.1': 'carrier-NAT',
  '100.100.100.200': 'carrier-NAT',
  '168.63.129.16': 'metadata',
  '192.0.0.192': 'metadata',
  '::ffff:127.0.0.1': 'loopback',
  '[::ffff:a9fe:a9fe]': 'link-local',
  '64:ff9b::a9fe:a9fe': 'link-local',
  '2002:7f00:1::': 'loopback',
  '::ffff:0:10.0.0.1': 'private',
}

test('every address inside a network of ours is forbidden, in every way to write it', () => {
  for (const [address, kind] of Object.entries(forbidden)) assert.equal(forbiddenKind(address), kind, address)
})

test('public and reserved addresses are not forbidden, and names are no addresses', () => {
  const harmless = ['104.16.0.1', '2606:4700::1', '198.18.0.1', '203.0.113.7', '240.0.0.1', '172.32.0.1', '100.128.0.1']
  for (const address of [...harmless, 'registry.test']) assert.equal(forbiddenKind(address), undefined, address)
})

test('the operator may allow a host, a host on one port, an address and a range', () => {
  const allowed = parseAllowedHosts(['files.test', 'Other.test:8443', '10.0.0.7', '10.1.0.0/16', 'fd00::/8'])
  assert.ok(allowed.allowsHost(new URL('http://files.test:99/')))
  assert.ok(allowed.allowsHost(new URL('https://other.test:8443/')))
  assert.ok(!allowed.allowsHost(new URL('https://other.test/')))
  assert.ok(!allowed.allowsHost(new URL('http://10.9.0.1/')))
  assert.ok(allowed.allowsAddress('10.0.0.7'))
  assert.ok(allowed.allowsAddress('::ffff:10.1.2.3'))
  assert.ok(allowed.allowsAddress('fd12::1'))
  assert.ok(!allowed.allowsAddress('10.0.0.8'))
})

test('an allowed host that makes no sense is refused by name', () => {
  for (const entry of ['', 'http://files.test/', 'a b', 'user@files.test']) {
    assert.throws(() => parseAllowedHosts([entry]), { message: new RegExp(`^'${entry}' must be a host`) })
  }
})
