import { access, constants, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { type Check, examine, type Finding, hasProblem, renderFindings } from '../cli/doctor.ts'
import type { Config } from '../config.ts'
import { trustOwnAuthority } from './certificates.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { lookAtCertificate, lookAtDisk, lookAtOpenFiles } from './diagnose/machine.ts'
import { lookAtUpstream, namedConnections } from './diagnose/outside.ts'
import { describeDatabase, lookAtDatabaseClock, probeStore } from './diagnose/storage.ts'
import { credentialsFile } from './first-names.ts'
import { openMetadata } from './registry.ts'
import { readVersion } from './version.ts'

/** The oldest Node.js that runs us. Unit: major version. Source: package.json, `engines`. */
const NODE_MAJOR_MIN = 26

/** How long a server may take to say that it is ready. Unit: ms. Ours. */
const ANSWER_TIMEOUT_MS = 3000

const clients = [
  'aws',
  'npm',
  'pnpm',
  'yarn',
  'bun',
  'pip',
  'twine',
  'mvn',
  'gradle',
  'dotnet',
  'gem',
  'cargo',
  'swift',
]

/** Looks at everything that a server with these settings needs; changes nothing. */
export async function diagnose(config: Config, path: string, form: 'text' | 'json') {
  const metadata = await openExisting(config)
  const findings = await examine([
    { name: 'Packyard', look: async () => ({ verdict: 'ok', text: readVersion() }) },
    { name: 'Node.js', look: async () => lookAtNode(process.versions.node) },
    { name: 'data folder', look: () => lookAtFolder(config.dataDir) },
    { name: 'credentials', look: () => lookAtSecret(credentialsFile(config)) },
    { name: 'master key', look: () => lookAtSecret(join(config.dataDir, 'keys', 'master.key')) },
    { name: 'disk', look: () => lookAtDisk(config) },
    { name: 'open files', look: () => lookAtOpenFiles() },
    { name: 'certificate', look: () => lookAtCertificate(config, Date.now()) },
    { name: 'server', look: () => lookAtServer(config) },
    { name: 'database', look: () => lookAtDatabase(config, metadata) },
    ...(metadata instanceof Error || !metadata ? [] : [{ name: 'clock', look: () => lookAtDatabaseClock(metadata) }]),
    { name: 'blobs', look: () => lookAtBlobs(config) },
    { name: 'advisories', look: async () => (await import('./diagnose-advisories.ts')).lookAtAdvisories(config) },
    ...(await upstreamChecks(config, metadata)),
    ...clients.map((name): Check => ({ name, look: () => lookForClient(name, path) })),
  ])
  if (metadata && !(metadata instanceof Error)) await metadata.close()
  return { text: renderFindings(findings, form), hasProblem: hasProblem(findings) }
}

/** Undefined where there is none yet, as opening it would make it. An error stands for what could not be opened. */
async function openExisting(config: Config): Promise<Metadata | Error | undefined> {
  if (config.databaseUrl === undefined && !(await exists(join(config.dataDir, 'packyard.db')))) return undefined
  return openMetadata(config).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
}

async function upstreamChecks(config: Config, metadata: Metadata | Error | undefined): Promise<Check[]> {
  if (metadata === undefined || metadata instanceof Error) return []
  const names = await namedConnections(metadata).catch(() => [])
  return names.map((name) => ({ name, look: () => lookAtUpstream(config, name) }))
}

type Look = Omit<Finding, 'name'>

function lookAtNode(version: string): Look {
  if (Number.parseInt(version, 10) >= NODE_MAJOR_MIN) return { verdict: 'ok', text: version }
  return { verdict: 'problem', text: `${version} is too old: Packyard needs ${NODE_MAJOR_MIN} or newer` }
}

async function lookAtFolder(folder: string): Promise<Look> {
  if (!(await exists(folder))) return { verdict: 'note', text: `${folder} is not there yet; the first start makes it` }
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  return { verdict: 'ok', text: `${folder} can be read and written` }
}

/** Windows has no such bits; there the folder's owner decides. */
async function lookAtSecret(file: string): Promise<Look> {
  if (!(await exists(file))) return { verdict: 'note', text: `${file} is not there yet; the first start makes it` }
  const { mode } = await stat(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    return { verdict: 'problem', text: `others than its owner can read ${file}: run chmod 600 on it` }
  }
  await access(file, constants.R_OK)
  return { verdict: 'ok', text: file }
}

async function lookAtServer(config: Config): Promise<Look> {
  const { host, port, publicUrl, tls, tlsCert } = config
  trustOwnAuthority(config)
  const scheme = tls === 'auto' || tlsCert !== undefined ? 'https' : 'http'
  const near = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = `${scheme}://${near.includes(':') ? `[${near}]` : near}:${port}`
  const status = await askReady(url)
  if (status === 'ready')
    return { verdict: 'ok', text: `answers at ${url}${publicUrl ? `, public as ${publicUrl}` : ''}` }
  if (status !== undefined) return { verdict: 'problem', text: `what answers at ${url} is ${status}` }
  await tryToListen(host, port)
  return { verdict: 'note', text: `nothing answers at ${url}; the port is free` }
}

async function askReady(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
    const body: unknown = await response.json()
    return typeof body === 'object' && body && 'status' in body ? String(body.status) : 'not Packyard'
  } catch (error) {
    return error instanceof SyntaxError ? 'not Packyard' : undefined
  }
}

async function tryToListen(host: string, port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => server.close(() => resolve()))
  })
}

async function lookAtDatabase(config: Config, metadata: Metadata | Error | undefined): Promise<Look> {
  const file = join(config.dataDir, 'packyard.db')
  if (metadata === undefined) return { verdict: 'note', text: `${file} is not there yet; the first start makes it` }
  if (metadata instanceof Error) throw metadata
  const where =
    config.databaseUrl === undefined ? `SQLite in ${file}` : `PostgreSQL at ${new URL(config.databaseUrl).host}`
  const { verdict, text } = await describeDatabase(metadata, config)
  return { verdict, text: `${where}: ${text}` }
}

async function lookAtBlobs(config: Config): Promise<Look> {
  const { dataDir, blobUrl } = config
  const directory = join(dataDir, 'blobs')
  if (blobUrl === undefined && !(await exists(directory))) {
    return { verdict: 'note', text: `${directory} is not there yet; the first start makes it` }
  }
  const { openStore } = await import('./blobs.ts')
  const store = await openStore(config)
  await store.check()
  await probeStore(store)
  return {
    verdict: 'ok',
    text: blobUrl === undefined ? `files in ${directory}` : `objects in bucket ${blobUrl.bucket}`,
  }
}

async function lookForClient(name: string, path: string): Promise<Look> {
  for (const folder of path.split(delimiter)) {
    for (const ending of process.platform === 'win32' ? ['.exe', '.cmd'] : ['']) {
      const file = join(folder, name + ending)
      if (await isExecutable(file)) return { verdict: 'ok', text: file }
    }
  }
  return { verdict: 'note', text: 'not on the PATH' }
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
