import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/support/identity.ts'
import { testOnEachDatabase } from '../../../test/support/each-registry.ts'
import { startPlainServer } from '../../../test/support/plain-server.ts'
import { parseConfig } from '../../config.ts'
import { createAuthority, issueCertificate } from '../../http/tls/certificate.ts'
import { diskBlobStore } from '../../storage/blobs/disk.ts'
import { lookAtCertificate, lookAtDisk } from './machine.ts'
import { lookAtUpstream } from './outside.ts'
import { describeDatabase, judgeClock, lookAtDatabaseClock, probeStore } from './storage.ts'

const DAY_MS = 86_400_000
const now = Date.UTC(2026, 0, 31)

function configOf(settings: Readonly<Record<string, unknown>>) {
  return parseConfig({ flags: {}, env: {}, file: { name: 'packyard.yaml', content: settings } })
}

test('a certificate is looked at for its end, its key, its names and its chain', async (t) => {
  const folder = await temporaryFolder(t)
  const serial = Buffer.from([0x41, 1, 2, 3])
  const authority = createAuthority({ commonName: 'Test', days: 3650, now, serial })
  const issued = issueCertificate(authority, { commonName: 'P', names: ['p.example'], days: 90, now, serial })
  const other = createAuthority({ commonName: 'Other', days: 3650, now, serial: Buffer.from([0x42, 1]) })
  const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await writeFile(tlsKey, issued.key)
  const look = async (at: number, { publicUrl = 'https://p.example', certificate = issued.certificate } = {}) => {
    await writeFile(tlsCert, certificate)
    const { verdict, text } = await lookAtCertificate(configOf({ tlsCert, tlsKey, publicUrl }), at)
    return `${verdict} ${text}`
  }
  assert.equal(await look(now + DAY_MS), 'ok ends in 89 days')
  assert.match(await look(now + 80 * DAY_MS), /^note ends in \d+ days: renew it/)
  assert.match(await look(now + 91 * DAY_MS), /^problem it ended .*: put a new one into/)
  assert.match(await look(now - 30 * DAY_MS), /^problem it begins .*clock/)
  assert.match(await look(now + DAY_MS, { publicUrl: 'https://q.example' }), /^problem it is not for q\.example/)
  assert.match(await look(now, { certificate: 'nothing' }), /^problem .* holds no certificate/)
  assert.match(await look(now + DAY_MS, { certificate: other.certificate }), /^problem .* is the key of another/)
  const [leaf = ''] = /-----BEGIN[^]+?END CERTIFICATE-----\n/.exec(issued.certificate) ?? []
  assert.match(
    await look(now + DAY_MS, { certificate: leaf + other.certificate }),
    /^problem certificate 2 of the chain/,
  )
  assert.equal((await lookAtCertificate(configOf({}), now)).verdict, 'ok')
})

test('a clock that is a minute off is a problem, and which way is said', () => {
  assert.deepEqual(judgeClock('the database', now, now + 400), { verdict: 'ok', text: 'as that of the database' })
  const { verdict, text } = judgeClock('the database', now, now + 90_000)
  assert.match(`${verdict} ${text}`, /^problem 90 s ahead of the database: set it by NTP/)
  assert.match(judgeClock('the database', now, now - 90_000).text, /behind/)
})

testOnEachDatabase('a database says how large and how quick it is, and what its clock shows', async (_t, open) => {
  const { parts, folder } = await open()
  const { text } = await describeDatabase(parts.metadata, { dataDir: folder })
  assert.match(text, /^tables of version \d+, \d+ MB, answers in [\d.]+ ms/)
  assert.equal((await lookAtDatabaseClock(parts.metadata)).verdict, 'ok')
})

test('a store is written to, read, and left as it was; a disk says what is free', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await diskBlobStore({ directory: join(folder, 'blobs') })
  await probeStore(store)
  for await (const domain of store.domains()) assert.deepEqual(await Array.fromAsync(store.list(domain)), [])
  assert.match((await lookAtDisk({ dataDir: folder })).text, /GB free/)
  const forgetful = new Proxy(store, {
    get: (target, name) => (name === 'has' ? async () => true : Reflect.get(target, name, target).bind(target)),
  })
  await assert.rejects(probeStore(forgetful), /keeps what it was told to remove/)
})

test('an upstream of ours that is away is a problem, one that answers is not', async (t) => {
  const upstream = await startPlainServer(t, (_request, response) => response.writeHead(404).end())
  const here = configOf({ externalConnections: { 'public:npmjs': { url: upstream.url.href } } })
  assert.match((await lookAtUpstream(here, 'public:npmjs')).text, /^answers 404 in \d+ ms$/)
  const away = configOf({ externalConnections: { 'public:npmjs': { url: 'http://127.0.0.1:1/' } } })
  const { verdict, text } = await lookAtUpstream(away, 'public:npmjs')
  assert.equal(verdict, 'problem')
  assert.match(text, /cannot be reached .*what was fetched before is served/)
  assert.equal((await lookAtUpstream(away, 'own:gone')).verdict, 'problem')
})
