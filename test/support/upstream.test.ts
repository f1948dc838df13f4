import assert from 'node:assert/strict'
import { test } from 'node:test'
import { x as extract } from 'tar'
import { NpmWire } from './npm-wire.ts'
import { digest } from './tarball.ts'
import { startUpstream } from './upstream.ts'

test('an index has the digests of its tarballs, and is revalidated by its tag', async (t) => {
  const upstream = await startUpstream(t, { npm: ['@acme/tiny@1.2.0', '@acme/tiny@1.3.0'] })
  const wire = new NpmWire(upstream.url, undefined)
  const index = await wire.get('@acme%2ftiny')
  const document = index.json() as { versions: Record<string, { dist: { integrity: string; tarball: string } }> }
  const dist = document.versions['1.3.0']?.dist
  assert.equal(dist?.integrity, digest((await wire.get(dist?.tarball ?? '')).bytes).integrity)
  const again = await wire.get('@acme%2ftiny', { 'if-none-match': index.headers.get('etag') })
  assert.equal(again.status, 304)
  assert.equal(upstream.count('/@acme/tiny'), 2)
})

test('a tarball is one that the reader of npm understands, noise included', async (t) => {
  const upstream = await startUpstream(t, { npm: [{ name: 'noisy', version: '1.0.0', noiseBytes: 700_001 }] })
  const seen: string[] = []
  const reader = extract({ cwd: '/', filter: (path, entry) => seen.push(`${path} ${entry.size}`) < 0 })
  reader.end(await upstream.tarball('noisy', '1.0.0'))
  await new Promise((resolve) => reader.on('close', resolve))
  assert.match(seen[0] ?? '', /^package\/package\.json \d+$/)
  assert.equal(seen.at(-1), 'package/noise.bin 700001')
})

test('every fault is one', async (t) => {
  const upstream = await startUpstream(t, { npm: [{ name: 'tiny', version: '1.0.0', noiseBytes: 100_000 }] })
  const wire = new NpmWire(upstream.url, undefined)
  const path = upstream.tarballPath('tiny', '1.0.0')
  const right = await upstream.tarball('tiny', '1.0.0')
  const ask = () => wire.get(path.slice(1))

  upstream.break(path, { kind: 'wrong bytes' })
  const wrong = await ask()
  assert.equal(wrong.bytes.length, right.length)
  assert.ok(!wrong.bytes.equals(right))
  upstream.break(path, { kind: 'break off' })
  await assert.rejects(ask())
  upstream.break(path, { kind: 'status', status: 429, headers: { 'retry-after': '1' } }, 1)
  assert.equal((await ask()).status, 429)
  assert.ok((await ask()).bytes.equals(right), 'once was asked for')
  upstream.break(path, { kind: 'drip', chunkBytes: 40_000, everyMs: 1 })
  assert.ok((await ask()).bytes.equals(right))
  upstream.break(path, { kind: 'hold', until: Promise.resolve() })
  assert.ok((await ask()).bytes.equals(right))
  upstream.break(path, { kind: 'redirect', to: '/elsewhere' })
  assert.equal((await ask()).headers.get('location'), '/elsewhere')
  upstream.break(path, { kind: 'hang' })
  const hanging = ask()
  await upstream.stop()
  await assert.rejects(hanging)
  await upstream.restart()
  upstream.repair(path)
  assert.ok((await ask()).bytes.equals(right))
})

test('3,000 versions of one package are ready in no time', async (t) => {
  const npm = Array.from({ length: 3_000 }, (_, index) => `many@1.0.${index}`)
  const upstream = await startUpstream(t, { npm })
  const index = (await new NpmWire(upstream.url, undefined).get('many')).json()
  assert.equal(Object.keys(index.versions as object).length, 3_000)
})
