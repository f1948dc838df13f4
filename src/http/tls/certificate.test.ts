import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority, issueCertificate } from './certificate.ts'

const now = Date.UTC(2026, 0, 31)
const authority = createAuthority({ commonName: 'Test', days: 3650, now, serial: Buffer.from([1]) })

test('An authority signs itself, and may sign others', () => {
  const root = new X509Certificate(authority.certificate)
  assert.ok(root.ca)
  assert.equal(root.subject, 'CN=Test')
  assert.ok(root.verify(root.publicKey))
  assert.ok(root.checkPrivateKey(createPrivateKey(authority.key)))
})

test('A certificate is for its names and addresses, for its time, and for no other', () => {
  const names = ['localhost', '*.packages.example', '127.0.0.1', '::1']
  const issued = issueCertificate(authority, {
    commonName: 'Server',
    names,
    days: 397,
    now,
    serial: Buffer.from([0x80, 2]),
  })
  const leaf = new X509Certificate(issued.certificate)
  const root = new X509Certificate(authority.certificate)
  assert.ok(leaf.checkIssued(root) && leaf.verify(root.publicKey) && !leaf.ca)
  assert.ok(leaf.checkPrivateKey(createPrivateKey(issued.key)))
  assert.equal(leaf.checkHost('localhost'), 'localhost')
  assert.equal(leaf.checkHost('d-1.packages.example'), '*.packages.example')
  assert.equal(leaf.checkHost('packages.example'), undefined)
  assert.equal(leaf.checkIP('127.0.0.1'), '127.0.0.1')
  assert.equal(leaf.checkIP('::1'), '::1')
  assert.equal(leaf.checkIP('127.0.0.2'), undefined)
  assert.equal(leaf.serialNumber, '8002')
  assert.equal(leaf.validToDate.getTime(), now + 397 * 86_400_000)
})

test('A time beyond 2049 takes the longer form', () => {
  const late = createAuthority({ commonName: 'Late', days: 1, now: Date.UTC(2060, 5, 1), serial: Buffer.from([3]) })
  assert.equal(new X509Certificate(late.certificate).validToDate.getUTCFullYear(), 2060)
})
