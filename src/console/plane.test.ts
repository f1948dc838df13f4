import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { serverLimits } from '../http/limits.ts'
import { startServer } from '../http/server.ts'
import { createConsolePlane } from './plane.ts'

test('every address below /console/ that is no file answers with the app, and a file as the client takes it', async (t) => {
  const get = await serve(t, {
    'index.html': '<p>app</p>',
    'assets/app-1a.js': 'plain',
    'assets/app-1a.js.br': 'brotli',
    'assets/app-1a.js.gz': 'gzip',
  })
  const page = await get('/console/domains/000000000000/packyard?tab=tags')
  assert.equal(page.status, 200)
  assert.equal(await page.text(), '<p>app</p>')
  assert.equal(page.headers.get('cache-control'), 'no-cache')
  assert.match(
    page.headers.get('content-security-policy') ?? '',
    /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/,
  )
  const same = await get('/console/', { 'if-none-match': page.headers.get('etag') ?? '' })
  assert.equal(same.status, 304)

  const plain = await get('/console/assets/app-1a.js', { 'accept-encoding': 'identity' })
  assert.equal(await plain.text(), 'plain')
  assert.match(plain.headers.get('cache-control') ?? '', /immutable/)
  const codings = await Promise.all(
    ['gzip, br', 'gzip', 'br;q=0, gzip'].map((accept) =>
      get('/console/assets/app-1a.js', { 'accept-encoding': accept }, 'HEAD'),
    ),
  )
  assert.deepEqual(
    codings.map((answer) => answer.headers.get('content-encoding')),
    ['br', 'gzip', 'gzip'],
  )
})

test('nothing outside the folder is sent, a lost file is no page, and nothing is written there', async (t) => {
  const get = await serve(t, { 'index.html': '<p>app</p>', 'secret.json': '{}' })
  for (const path of ['/console/..%2f..%2fpackage.json', '/console/secret.json', '/console/assets/../secret.json']) {
    const answer = await get(path)
    assert.doesNotMatch(await answer.text(), /[{}]/, path)
  }
  assert.equal((await get('/console/assets/gone-2b.js')).status, 404)
  assert.equal((await get('/console/', {}, 'POST')).status, 405)
  assert.equal((await get('/console')).headers.get('location'), '/console/')
})

test('a server without the built app says how it is built', async (t) => {
  const get = await serve(t, {})
  const answer = await get('/console/')
  assert.equal(answer.status, 503)
  assert.match(await answer.text(), /npm start/)
})

/** Serves a folder with these files, made for the test. */
async function serve(t: TestContext, files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-console-'))
  t.after(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'assets'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const server = await startServer({
    planes: [createConsolePlane(folder)],
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    limits: { ...serverLimits, drainMs: 1000 },
    newId: () => 'id',
    clock: () => performance.now(),
    observer: () => {},
  })
  t.after(() => server.drain())
  return (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    return fetch(server.url + path, { method, headers, redirect: 'manual' })
  }
}
