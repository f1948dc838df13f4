import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { processTree, run, until } from '../../test/support/processes.ts'
import { freePort } from '../../test/support/server-process.ts'

const program = fileURLToPath(new URL('../main.ts', import.meta.url))

interface Place {
  readonly folder: string
  readonly env: Record<string, string>
  readonly url: string
}

async function makePlace(t: TestContext, env: Record<string, string> = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-serve-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  return {
    folder,
    env: { PACKYARD_PORT: String(port), PACKYARD_PROCESSES: '2', ...env },
    url: `http://127.0.0.1:${port}`,
  }
}

const packyard = (place: Place, ...args: string[]) =>
  run(process.execPath, [program, ...args], { cwd: place.folder, env: place.env, timeoutMs: 30_000 })

/** A server in the background; it is gone when the test has ended. */
async function serve(t: TestContext, place: Place) {
  const child = spawn(process.execPath, [program, 'serve'], { cwd: place.folder, env: place.env })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text))
  const { pid } = child
  assert.ok(pid)
  t.after(async () => {
    for (const each of processTree(pid)) killQuietly(each)
    await ended(child)
  })
  const ready = () => until('the server to be ready', () => ask(`${place.url}/readyz`), 20_000)
  return { child, pid, ready, log: () => log, ended: () => ended(child) }
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

async function ask(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { headers: { connection: 'close' } })
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('A server says what to paste next, and ends with 0 when it is asked to', async (t) => {
  const place = await makePlace(t)
  const startedAt = performance.now()
  const server = await serve(t, place)
  await server.ready()
  t.diagnostic(`first start with two processes: ready after ${Math.round(performance.now() - startedAt)} ms`)
  await until('the greeting', () => server.log().includes('npm install express') || undefined)
  assert.match(
    server.log(),
    new RegExp(`ready at ${place.url}\n[^]*eval "\\$\\(packyard env\\)"\n  aws codeartifact login`),
  )
  const workers = processTree(server.pid).slice(1)
  assert.equal(workers.length, 2)
  server.child.kill('SIGTERM')
  assert.equal(await server.ended(), 0)
  for (const pid of workers) assert.equal(isAlive(pid), false)
})

test('A worker that dies is replaced, while the others serve on', async (t) => {
  const place = await makePlace(t)
  const server = await serve(t, place)
  await server.ready()
  const [, victim, other] = processTree(server.pid)
  assert.ok(victim && other)
  killQuietly(victim)
  const replaced = await until('another worker', () => {
    const workers = processTree(server.pid).slice(1)
    return workers.length === 2 && !workers.includes(victim) ? workers : undefined
  })
  assert.ok(replaced.includes(other))
  await server.ready()
  await until('the line that says so', () => /a worker process ended \(SIGKILL\)/.test(server.log()) || undefined)
})

test('Workers do not outlive a primary that was killed', async (t) => {
  const place = await makePlace(t)
  const server = await serve(t, place)
  await server.ready()
  const workers = processTree(server.pid).slice(1)
  killQuietly(server.pid)
  await until('the workers to end', () => workers.every((pid) => !isAlive(pid)) || undefined)
})

test('Metrics add up what every process counted', async (t) => {
  const place = await makePlace(t)
  const server = await serve(t, place)
  await server.ready()
  const sum = async () => {
    const text = (await ask(`${place.url}/metrics`)) ?? ''
    const count =
      /^packyard_http_request_duration_seconds_count\{plane="operations",format="none",status="2xx"\} (\d+)$/m.exec(
        text,
      )?.[1]
    return Number(count ?? 0)
  }
  await until('the counting to start', async () => (await sum()) || undefined)
  const before = await sum()
  for (let i = 0; i < 10; i++) assert.ok(await ask(`${place.url}/healthz`))
  assert.equal(await sum(), before + 11)
})

test('A port that is taken is one clear line, with one process and with several', async (t) => {
  const taken = createServer()
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const { port } = taken.address() as import('node:net').AddressInfo
  for (const processes of ['1', '2']) {
    const place = await makePlace(t, { PACKYARD_PORT: String(port), PACKYARD_PROCESSES: processes })
    const { code, stderr, stdout } = await packyard(place, 'serve')
    assert.deepEqual([code, stdout], [1, ''])
    const rule = 'is in use by another program: stop it, or choose another port with --port'
    assert.equal(stderr, `packyard: 127.0.0.1:${port} ${rule}\n`)
  }
})

test('A setting that is wrong is one line and exit code 2, wherever it stands', async (t) => {
  const place = await makePlace(t)
  await writeFile(join(place.folder, 'packyard.yaml'), 'prot: 1\n')
  const { code, stderr } = await packyard(place, 'serve')
  assert.deepEqual([code, stderr], [2, "packyard: packyard.yaml: 'prot' is no setting; did you mean port?\n"])
  await writeFile(join(place.folder, 'packyard.yaml'), 'port: [1\n')
  assert.match((await packyard(place, 'env')).stderr, /^packyard: packyard\.yaml is not valid YAML: [^\n]+\n$/)
  assert.match(
    (await packyard(place, 'env', '--config', 'gone.yaml')).stderr,
    /gone\.yaml cannot be read \(ENOENT\)\n$/,
  )
})

test('A database that cannot be reached is one line without its password', async (t) => {
  const port = await freePort()
  const place = await makePlace(t, { PACKYARD_DATABASE_URL: `postgres://packyard:hunter2@127.0.0.1:${port}/packyard` })
  const { code, stderr } = await packyard(place, 'serve')
  assert.equal(code, 1)
  assert.match(stderr, /^packyard: the database cannot be used: [^\n]*ECONNREFUSED[^\n]*\n$/)
  assert.doesNotMatch(stderr, /hunter2/)
})

test('env says what is missing, and works when the server has stopped', async (t) => {
  const place = await makePlace(t, { PACKYARD_PROCESSES: '1' })
  const before = await packyard(place, 'env')
  assert.equal(before.code, 1)
  assert.match(before.stderr, /^packyard: \S+\/credentials is not there: start the server once [^\n]+\n$/)
  const server = await serve(t, place)
  await server.ready()
  server.child.kill('SIGINT')
  assert.equal(await server.ended(), 0)
  const { code, stdout } = await packyard(place, 'env')
  assert.equal(code, 0)
  assert.match(stdout, new RegExp(`^export AWS_ENDPOINT_URL='${place.url}'\n`))
})

test('doctor finds nothing wrong before and after the first start, and sees a running server', async (t) => {
  const place = await makePlace(t, { PACKYARD_PROCESSES: '1' })
  assert.equal((await packyard(place, 'doctor')).code, 0)
  const server = await serve(t, place)
  await server.ready()
  const { code, stdout } = await packyard(place, 'doctor', '--output', 'json')
  const { findings } = JSON.parse(stdout) as { findings: { name: string; verdict: string; text: string }[] }
  assert.equal(code, 0)
  for (const name of [
    'Packyard',
    'Node.js',
    'data folder',
    'disk',
    'credentials',
    'master key',
    'certificate',
    'server',
    'database',
    'clock',
    'blobs',
  ]) {
    assert.equal(findings.find((finding) => finding.name === name)?.verdict, 'ok', name)
  }
})
