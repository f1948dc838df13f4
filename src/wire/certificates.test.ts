import assert from 'node:assert/strict'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { temporaryFolder } from '../../test/support/identity.ts'
import { parseConfig } from '../config.ts'
import { createAuthority, issueCertificate } from '../http/tls/certificate.ts'
import { serverLimits } from '../http/limits.ts'
import { startServer } from '../http/server.ts'
import { openTls } from './certificates.ts'
import { authorityFile } from './first-names.ts'

async function startWith(t: TestContext, env: Readonly<Record<string, string>>) {
  const config = parseConfig({ flags: {}, env: { PACKYARD_PORT: '0', ...env }, file: undefined })
  const server = await startServer({
    planes: [
      {
        name: 'test',
        matches: () => true,
        handle: ({ origin }) => ({ status: 200, headers: {}, body: origin }),
        renderError: () => ({ status: 500, headers: {} }),
      },
    ],
    tls: await openTls(config),
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    limits: { ...serverLimits, drainMs: 500 },
    newId: () => 'id',
    clock: () => performance.now(),
    observer: () => {},
  })
  t.after(() => server.drain())
  return { config, server }
}

/** What a client that trusts `ca` alone gets, and the certificate that it was shown. */
function ask(url: string, ca: string): Promise<{ body: string; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (response) => {
      const fingerprint = (response.socket as TLSSocket).getPeerCertificate().fingerprint256
      response.setEncoding('utf8').once('data', (body: string) => resolve({ body, fingerprint }))
    }).once('error', reject)
  })
}

test('An authority of our own is kept, and clients that trust it reach us', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { PACKYARD_TLS: 'auto', PACKYARD_DATA_DIR: folder }
  const [{ config, server }, beside] = [await startWith(t, env), await startWith(t, env)]
  const ca = await readFile(authorityFile(config), 'utf8')
  for (const { url } of [server, beside.server]) {
    assert.match(url, /^https:/)
    assert.equal((await ask(url, ca)).body, url)
  }
  const other = createAuthority({ commonName: 'Other', days: 1, now: Date.now(), serial: Buffer.from([1]) })
  await assert.rejects(ask(server.url, other.certificate), /self.signed|unable to (get|verify)|signature/)
  assert.equal((await stat(join(folder, 'keys', 'authority.pem'))).mode & 0o777, 0o600)
  assert.ok(!ca.includes('PRIVATE'))
})

test('A certificate that was brought is replaced when its files are, and a broken one is not', async (t) => {
  const folder = await temporaryFolder(t)
  const authority = createAuthority({ commonName: 'Mine', days: 1, now: Date.now(), serial: Buffer.from([1]) })
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const bring = async (serial: number) => {
    const draft = { commonName: 'x', names: ['127.0.0.1'], days: 1, now: Date.now(), serial: Buffer.from([serial]) }
    const made = issueCertificate(authority, draft)
    await writeFile(`${cert}.new`, made.certificate)
    await writeFile(`${key}.new`, made.key)
    await rename(`${key}.new`, key)
    await rename(`${cert}.new`, cert)
  }
  await bring(2)
  const { server } = await startWith(t, { PACKYARD_TLS_CERT: cert, PACKYARD_TLS_KEY: key })
  const before = await ask(server.url, authority.certificate)
  await writeFile(cert, 'half a certificate')
  await bring(3)
  const deadline = performance.now() + 20_000
  while ((await ask(server.url, authority.certificate)).fingerprint === before.fingerprint) {
    assert.ok(performance.now() < deadline, 'the new certificate is not shown')
  }
})

test('Half a pair is refused at the start', async () => {
  const config = parseConfig({ flags: {}, env: { PACKYARD_TLS_CERT: 'x.pem' }, file: undefined })
  await assert.rejects(openTls(config), /tlsCert and tlsKey must both be given/)
})
