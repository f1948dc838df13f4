import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CodeartifactClient,
  CreateRepositoryCommand,
  GetAuthorizationTokenCommand,
  GetRepositoryEndpointCommand,
  ListPackagesCommand,
  ListPackageVersionsCommand,
  type PackageFormat,
  ResourceNotFoundException,
} from '@aws-sdk/client-codeartifact'
import { type AwsCli, awsClis, readCredentials, runAws, sdkClient } from './aws.ts'
import { type ClientName, cleanEnvironment, clientKind, PackageClient } from './clients.ts'
import { type Run, runWell } from './processes.ts'
import { listObjects } from './s3.ts'
import { freePort, lastLines, mainProgram, ServerProcess } from './server-process.ts'
import type { Lifetime } from './upstream.ts'

export interface PackyardOptions {
  /** Where external connections point, by name: an address, or an object of settings. */
  readonly connections?: Readonly<Record<string, string | object>>
  /** Address of a PostgreSQL database; SQLite without it. */
  readonly databaseUrl?: string | undefined
  /** A bucket of an object store; a folder without it. */
  readonly blobUrl?: string | undefined
  /** Left to the server unless given. */
  readonly processes?: number
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>
  /** Where its lines go: kept, to be looked at, or into a file that nobody reads. */
  readonly log?: 'kept' | 'file'
  /** Shares data folder and settings with a server that runs already. */
  readonly beside?: Packyard
}

export interface AwsOptions {
  readonly cli?: AwsCli
  /** Whose home the command runs in. */
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The domain that the first start makes. */
export const firstDomain = 'packyard'

/** A running server with everything around it that a user has: variables, AWS clients, package clients. */
export class Packyard {
  readonly server: ServerProcess
  /** Everything that the test writes stands in here, and is removed with it. */
  readonly folder: string
  readonly dataDir: string
  readonly serverEnv: Readonly<Record<string, string>>
  /** What `packyard env` exports, beside a clean environment. */
  env: Readonly<Record<string, string>> = {}
  readonly #secrets = new Set<string>()
  #sdk: CodeartifactClient | undefined

  constructor(server: ServerProcess, folder: string, serverEnv: Readonly<Record<string, string>>) {
    this.server = server
    this.folder = folder
    this.serverEnv = serverEnv
    this.dataDir = serverEnv.PACKYARD_DATA_DIR ?? ''
  }

  get url(): string {
    return this.server.url
  }

  get sdk(): CodeartifactClient {
    this.#sdk ??= sdkClient(this.env)
    return this.#sdk
  }

  /** Reads the variables from the command that users evaluate in their shell. */
  async readEnvironment(): Promise<void> {
    const options = { cwd: this.folder, env: { ...this.serverEnv, PACKYARD_PORT: new URL(this.url).port } }
    const { stdout } = await runWell(process.execPath, [mainProgram, 'env'], options)
    const env = cleanEnvironment(join(this.folder, 'home'))
    for (const [, name = '', , value = ''] of stdout.matchAll(/^export (\w+)=(['"]?)(.*)\2;?$/gm)) env[name] = value
    this.env = env
    const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = '' } = this.env
    this.#secrets.add(readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE).secretAccessKey)
  }

  /** A command of the AWS CLI that has to succeed; its answer parsed when it is JSON. */
  async aws(command: string, options: AwsOptions = {}): Promise<Record<string, unknown>> {
    const result = await this.attemptAws(command, options)
    assert.equal(result.code, 0, `aws ${command}:\n${result.output}`)
    return result.stdout.startsWith('{') ? (JSON.parse(result.stdout) as Record<string, unknown>) : {}
  }

  /** A command of the AWS CLI that may fail. */
  attemptAws(command: string, { cli = awsClis[0], home, env }: AwsOptions = {}): Promise<Run> {
    assert.ok(cli, 'there is no AWS CLI')
    return runAws(cli, command, { ...this.env, ...(home && { HOME: home }), ...env }, this.folder)
  }

  /** A token that holds until the test has ended. Noted as a secret that no log may show. */
  async token(domain = firstDomain): Promise<string> {
    const { authorizationToken } = await this.sdk.send(new GetAuthorizationTokenCommand({ domain }))
    return this.secret(authorizationToken ?? '')
  }

  /** Notes something that the server's log must never show. */
  secret(text: string): string {
    assert.ok(text.length > 8, 'a secret of some length')
    this.#secrets.add(text)
    return text
  }

  /** A new repository of the first domain, with these upstream repositories. */
  async createRepository(repository: string, upstreams: readonly string[] = ['npm-store']): Promise<string> {
    const input = {
      domain: firstDomain,
      repository,
      upstreams: upstreams.map((repositoryName) => ({ repositoryName })),
    }
    await this.sdk.send(new CreateRepositoryCommand(input))
    return repository
  }

  async endpoint(repository: string, format: PackageFormat = 'npm'): Promise<string> {
    const command = new GetRepositoryEndpointCommand({ domain: firstDomain, repository, format })
    const { repositoryEndpoint } = await this.sdk.send(command)
    return repositoryEndpoint ?? ''
  }

  /** One of the npm family, set up for a repository, with a home and a cache of its own. */
  async client(name: ClientName, { repository = 'main' } = {}): Promise<PackageClient> {
    const client = await this.newClient(name)
    await client.configure(await this.endpoint(repository), await this.token())
    return client
  }

  /** One of the npm family that knows no registry yet. */
  async newClient(name: ClientName): Promise<PackageClient> {
    return PackageClient.create(clientKind(name), this.folder)
  }

  /** What is stored, by the API: `1.3.0 Published EXTERNAL`, in ascending order; nothing when there is no such package. */
  async versions(repository: string, fullName: string, format: PackageFormat = 'npm'): Promise<string[]> {
    const [, scope, name] = /^(?:@([^/]+)\/)?(.+)$/.exec(fullName) ?? []
    const input = { domain: firstDomain, repository, format, package: name, ...(scope && { namespace: scope }) }
    try {
      const { versions = [] } = await this.sdk.send(new ListPackageVersionsCommand(input))
      return versions.map(({ version, status, origin }) => `${version} ${status} ${origin?.originType}`).sort()
    } catch (error) {
      if (error instanceof ResourceNotFoundException && error.resourceType === 'package') return []
      throw error
    }
  }

  /** The names of the packages that a repository holds itself, by the API. */
  async packages(repository: string): Promise<string[]> {
    const { packages = [] } = await this.sdk.send(new ListPackagesCommand({ domain: firstDomain, repository }))
    return packages.map((each) => (each.namespace ? `@${each.namespace}/${each.package}` : (each.package ?? '')))
  }

  /** Every file and object of the blob store, half-written ones included. */
  async storedFiles(): Promise<string[]> {
    const blobUrl = this.serverEnv['PACKYARD_BLOB_URL']
    if (blobUrl === undefined) return filesBelow(join(this.dataDir, 'blobs'))
    return [...(await listObjects(blobUrl)), ...(await filesBelow(join(this.dataDir, 'staging')))]
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.server.start()
  }

  async kill9(): Promise<void> {
    await this.server.kill9()
  }

  /** Asks it to end; it has to do so properly. */
  async stop(): Promise<void> {
    if (!this.server.isRunning) return
    assert.equal(
      await this.server.terminate(),
      0,
      `the server must end with 0 on SIGTERM:\n${lastLines(this.server.log, 60)}`,
    )
  }

  /** Fails when the server wrote a secret into its log. */
  checkLog(): void {
    for (const secret of this.#secrets) {
      assert.ok(!this.server.log.includes(secret), `the log shows a secret: ${secret.slice(0, 6)}…`)
    }
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** A test's context, or what looks like one. */
export interface TestLifetime extends Lifetime {
  readonly passed?: boolean
  afterEach?(check: (test: { readonly passed?: boolean }) => void): void
}

/** Starts a server in an empty folder; it ends with the test, and its log is shown when the test has failed. */
export async function startPackyard(t: TestLifetime, options: PackyardOptions = {}): Promise<Packyard> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-test-'))
  await mkdir(join(folder, 'home'))
  const serverEnv = options.beside?.serverEnv ?? serverEnvironment(folder, options)
  const logFile = options.log === 'file' ? join(folder, 'log') : undefined
  const yard = new Packyard(new ServerProcess(await freePort(), serverEnv, folder, logFile), folder, serverEnv)
  endWith(t, yard)
  await yard.server.start()
  await yard.readEnvironment()
  return yard
}

function serverEnvironment(folder: string, options: PackyardOptions): Record<string, string> {
  const connections = Object.entries(options.connections ?? {}).map(([name, value]) => {
    return [name, typeof value === 'string' ? { url: value } : value]
  })
  return {
    ...cleanEnvironment(join(folder, 'home')),
    PACKYARD_DATA_DIR: join(folder, 'data'),
    PACKYARD_EXTERNAL_CONNECTIONS: JSON.stringify(Object.fromEntries(connections)),
    ...(options.databaseUrl && { PACKYARD_DATABASE_URL: options.databaseUrl }),
    ...(options.blobUrl && { PACKYARD_BLOB_URL: options.blobUrl }),
    ...(options.processes && { PACKYARD_PROCESSES: String(options.processes) }),
    ...options.env,
  }
}

function endWith(t: TestLifetime, yard: Packyard): void {
  let hasFailed = false
  t.afterEach?.((test) => {
    hasFailed ||= test.passed === false
  })
  t.after(async () => {
    try {
      await yard.stop()
      yard.checkLog()
    } catch (error) {
      hasFailed = true
      throw error
    } finally {
      if (yard.server.isRunning) await yard.kill9()
      if (hasFailed || t.passed === false)
        process.stderr.write(`--- log of ${yard.url} ---\n${lastLines(yard.server.log, 200)}\n`)
      await rm(yard.folder, { recursive: true, force: true })
    }
  })
}
