import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { link, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Config } from '../config.ts'
import { createAuthority, type Identity, issueCertificate } from '../http/tls/certificate.ts'
import type { TlsSource } from '../http/server.ts'
import { authorityFile } from './first-names.ts'

/** Unit: days. Ours. */
const AUTHORITY_DAYS = 3650
/** What browsers take at most. Unit: days. Source: CA/Browser Forum, ballot SC22. */
const CERTIFICATE_DAYS = 397
/** How often our own certificate is made anew. Unit: ms. Ours: a week, so that it never ends while a server runs. */
const RENEWAL_MS = 604_800_000
/** How often files are looked at. Unit: ms. Ours. */
const WATCH_MS = 2_000

/** PEM; undefined where there is none. */
export function readAuthorityFile(config: Pick<Config, 'dataDir'>): string | undefined {
  try {
    return readFileSync(authorityFile(config), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** For commands that talk to the server: from here on this process trusts our own authority beside the usual ones. */
export function trustOwnAuthority(config: Pick<Config, 'dataDir'>): void {
  const authority = readAuthorityFile(config)
  if (authority !== undefined) setDefaultCACertificates([...getCACertificates('default'), authority])
}

/** Undefined when clients speak plain HTTP. Throws when files cannot be read, or do not fit together. */
export async function openTls(config: Config): Promise<TlsSource | undefined> {
  const { tlsCert, tlsKey } = config
  if (tlsCert !== undefined && tlsKey !== undefined) return fromFiles(tlsCert, tlsKey)
  if (tlsCert !== undefined || tlsKey !== undefined)
    throw new Error('tlsCert and tlsKey must both be given, or neither')
  return config.tls === 'auto' ? fromOwnAuthority(config) : undefined
}

async function fromFiles(certificateFile: string, keyFile: string): Promise<TlsSource> {
  const read = async () => {
    const [certificate, key] = await Promise.all([readFile(certificateFile, 'utf8'), readFile(keyFile, 'utf8')])
    return { certificate, key }
  }
  return {
    first: await read(),
    watch(replace) {
      // A half-written pair does not fit together; the one that stands stays until both are whole.
      const reload = () => void read().then(replace, () => undefined)
      for (const file of [certificateFile, keyFile]) watchFile(file, { interval: WATCH_MS, persistent: false }, reload)
      return () => [certificateFile, keyFile].forEach((file) => unwatchFile(file, reload))
    },
  }
}

/** Each process has a certificate of its own, all of one authority. */
async function fromOwnAuthority(config: Config): Promise<TlsSource> {
  const authority = await openAuthority(config)
  const issue = () =>
    issueCertificate(authority, {
      commonName: 'Packyard',
      names: namesOf(config),
      days: CERTIFICATE_DAYS,
      now: Date.now(),
      serial: newSerial(),
    })
  return {
    first: issue(),
    watch(replace) {
      const timer = setInterval(() => replace(issue()), RENEWAL_MS).unref()
      return () => clearInterval(timer)
    },
  }
}

/** Kept in the data folder; processes that start together end with the same one. */
async function openAuthority(config: Config): Promise<Identity> {
  const folder = join(config.dataDir, 'keys')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'authority.pem')
  const authority = (await readAuthority(file)) ?? (await makeAuthority(file))
  await showAuthority(authorityFile(config), authority.certificate)
  return authority
}

/** Whole at every moment: clients read it while processes start. */
async function showAuthority(file: string, certificate: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === certificate) return
  const temporary = `${file}.${randomUUID()}`
  await writeFile(temporary, certificate)
  await rename(temporary, file)
}

async function readAuthority(file: string): Promise<Identity | undefined> {
  try {
    const pem = await readFile(file, 'utf8')
    const at = pem.indexOf('-----BEGIN CERTIFICATE-----')
    return { key: pem.slice(0, at), certificate: pem.slice(at) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function makeAuthority(file: string): Promise<Identity> {
  const commonName = `Packyard ${randomBytes(4).toString('hex')}`
  const made = createAuthority({ commonName, days: AUTHORITY_DAYS, now: Date.now(), serial: newSerial() })
  const temporary = `${file}.${randomUUID()}`
  {
    await using handle = await open(temporary, 'wx', 0o600)
    await handle.writeFile(made.key + made.certificate)
    await handle.sync()
  }
  try {
    await link(temporary, file)
    return made
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return (await readAuthority(file)) ?? made
  } finally {
    await unlink(temporary)
  }
}

/** Every name that the settings give this server. */
function namesOf({ host, publicUrl, domainSuffix }: Config): string[] {
  const own = host === '0.0.0.0' || host === '::' ? [hostname()] : [host]
  const named = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')]
  const suffixed = domainSuffix === undefined ? [] : [domainSuffix, `*.${domainSuffix}`]
  return [...new Set(['localhost', '127.0.0.1', '::1', ...own, ...named, ...suffixed])]
}

/** Positive, and without a leading zero. Source: RFC 5280, 4.1.2.2. */
function newSerial(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}
