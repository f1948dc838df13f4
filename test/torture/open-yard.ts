import { join } from 'node:path'
import type { Caller } from '../../src/access/principal.ts'
import { parseConfig } from '../../src/config.ts'
import { createSessions, type Sessions } from '../../src/registry/open-session.ts'
import { parseAccountId, parseDomainName, parseRepositoryName } from '../../src/registry/names.ts'
import { createRepository } from '../../src/registry/repositories.ts'
import type { RepositorySession } from '../../src/registry/session.ts'
import { RegistryError } from '../../src/registry/errors.ts'
import { memoryLocks } from '../../src/storage/locks/memory.ts'
import { FIRST_DOMAIN } from '../../src/wire/first-names.ts'
import { prepareFirstRun } from '../../src/wire/first-run.ts'
import { type OpenedRegistry, openRegistry } from '../../src/wire/registry.ts'
import { account, administrator } from '../support/registry.ts'
import type { Yard } from './ledger.ts'

export const caller: Caller = administrator

/** What `packyard serve` is told of a yard. */
export function settingsOf(yard: Yard, upstreamUrl: string, home = yard.home): Record<string, string> {
  return {
    PACKYARD_DATA_DIR: join(yard.folder, `home-${home}`),
    PACKYARD_ACCOUNT_ID: account,
    PACKYARD_EXTERNAL_CONNECTIONS: JSON.stringify({ 'public:npmjs': { url: upstreamUrl } }),
    PACKYARD_GC_GRACE_SECONDS: '0',
  }
}

/** A yard as a server has it open, all but HTTP: its own database, keys and encrypted blobs. */
export class OpenYard {
  readonly opened: OpenedRegistry
  readonly sessions: Sessions

  constructor(opened: OpenedRegistry) {
    this.opened = opened
    this.sessions = createSessions(opened.registry)
  }

  /** As a start does: brings tables up to date, and makes what a first run makes. */
  static async open(settings: Record<string, string>): Promise<OpenYard> {
    const config = parseConfig({ flags: {}, env: settings, file: undefined })
    const opened = await openRegistry(config, memoryLocks())
    await prepareFirstRun(config, opened)
    const yard = new OpenYard(opened)
    await yard.#makeCopies()
    return yard
  }

  async session(repository: 'main' | 'copies'): Promise<RepositorySession> {
    return this.sessions.open(caller, addressOf(repository), this.#npm)
  }

  parse(name: string) {
    return this.#npm.names.parsePackage(name)
  }

  get facts() {
    return this.#npm.facts
  }

  /** The whole asset of a version, as a client of this repository gets it; undefined when there is none. */
  async download(repository: 'main' | 'copies', name: string): Promise<Buffer | undefined> {
    try {
      const session = await this.session(repository)
      const asset = await session.openAsset(this.parse(name), VERSION, ASSET)
      const body = await asset.read()
      return Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray())
    } catch (error) {
      if (error instanceof RegistryError && error.kind === 'missing') return undefined
      throw error
    }
  }

  /** Whether this repository's index of the package has the version. */
  async lists(repository: 'main' | 'copies', name: string): Promise<boolean> {
    try {
      const { versions } = await (await this.session(repository)).view(this.parse(name))
      return versions.some(({ version, status }) => version === VERSION && status === 'Published')
    } catch (error) {
      if (error instanceof RegistryError && error.kind === 'missing') return false
      throw error
    }
  }

  async close(): Promise<void> {
    await this.sessions.flush()
    await this.opened.close()
  }

  get #npm() {
    const format = this.opened.registry.formats.get('npm')
    if (!format) throw new Error('npm is not served')
    return format
  }

  async #makeCopies(): Promise<void> {
    const address = addressOf('copies')
    await createRepository(this.opened.registry, caller, { address, description: '', upstreams: [], tags: [] }).catch(
      (error: unknown) => {
        if (!(error instanceof RegistryError) || error.kind !== 'conflict') throw error
      },
    )
  }
}

/** The one version of every package, and its one asset as the service names it. */
export const VERSION = '1.0.0'
export const ASSET = 'package.tgz'

export function addressOf(repository: 'main' | 'copies') {
  return {
    owner: parseAccountId(account),
    domain: parseDomainName(FIRST_DOMAIN),
    repository: parseRepositoryName(repository),
  }
}
