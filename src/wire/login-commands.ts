import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { constants, homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import { type Access, findCredentials, logIn } from '../cli/login/aws-client.ts'
import { changeNpmrc, tools } from '../cli/login/tools.ts'
import { applyChange, writePrivate } from '../cli/login/write-files.ts'
import type { GivenRepository, LoginCommands } from '../cli/login-program.ts'
import type { GivenFlags } from '../cli/program.ts'
import { renderTrust } from '../cli/trust.ts'
import type { Config } from '../config.ts'
import { readAuthorityFile, trustOwnAuthority } from './certificates.ts'
import { authorityFile, credentialsFile, PROFILE } from './first-names.ts'

export interface LoginCommandParts {
  loadConfig(flags: GivenFlags): Promise<Config>
  clientUrl(config: Config, port: number): string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly writeOut: (text: string) => void
  readonly writeError: (text: string) => void
}

export function createLoginCommands(parts: LoginCommandParts): LoginCommands {
  const { env, writeOut, writeError } = parts
  const home = env['HOME'] ?? homedir()
  return {
    async login(flags, toolName, repository) {
      const tool = tools[toolName]
      const login = await logIn(await findAccess(parts, flags), tool.format, repository, Date.now())
      const renewed = { ...login, renewal: renewalOf(repository) }
      for (const change of tool.changes(renewed)) writeError(`wrote ${await applyChange(home, change)}\n`)
      if (tool.advice) writeOut(`${tool.advice(renewed)}\n`)
      writeOut(`Logged in to ${login.endpoint.href} until ${new Date(login.expiresAt).toISOString().slice(0, 19)}Z\n`)
      return exitCodes.success
    },
    async run(flags, repository, command) {
      const login = await logIn(await findAccess(parts, flags), tools.npm.format, repository, Date.now())
      const folder = await mkdtemp(join(tmpdir(), 'packyard-run-'))
      try {
        const file = join(folder, 'npmrc')
        const own = await readFile(env['NPM_CONFIG_USERCONFIG'] ?? join(home, '.npmrc'), 'utf8').catch(() => '')
        await writePrivate(file, changeNpmrc(own, login))
        const yarn = { YARN_NPM_REGISTRY_SERVER: login.endpoint.href, YARN_NPM_AUTH_TOKEN: login.token }
        const trust = await trustOf(env, await parts.loadConfig(flags), join(folder, 'ca.pem'))
        const settings = { ...yarn, ...trust, NPM_CONFIG_USERCONFIG: file, YARN_NPM_ALWAYS_AUTH: 'true' }
        return await runCommand(command, { ...env, ...settings })
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    async credentialCargo(flags, repository) {
      const { token } = await logIn(await findAccess(parts, flags), tools.cargo.format, repository, Date.now())
      writeOut(`${token}\n`)
      return exitCodes.success
    },
    async trust(flags) {
      const config = await parts.loadConfig(flags)
      const file = authorityFile(config)
      if (readAuthorityFile(config) === undefined) {
        const advice = 'start the server once with PACKYARD_TLS=auto, in this folder and with the same settings'
        throw new CommandError(`${file} is not there: ${advice}`, exitCodes.failure)
      }
      writeOut(renderTrust(file))
      return exitCodes.success
    },
  }
}

async function findAccess({ env, loadConfig, clientUrl }: LoginCommandParts, flags: GivenFlags): Promise<Access> {
  const config = await loadConfig(flags)
  trustOwnAuthority(config)
  const url = (
    env['AWS_ENDPOINT_URL_CODEARTIFACT'] ??
    env['AWS_ENDPOINT_URL'] ??
    clientUrl(config, config.port)
  ).replace(/\/$/, '')
  const fallback = { url, file: credentialsFile(config), profile: PROFILE }
  const credentials = await findCredentials(env, fallback, Date.now())
  return { url, region: env['AWS_REGION'] ?? config.region, credentials }
}

/** Node reads one file only: what it trusts already stands in `file` beside our own authority. */
async function trustOf(env: LoginCommandParts['env'], config: Config, file: string): Promise<Record<string, string>> {
  const authority = readAuthorityFile(config)
  if (authority === undefined) return {}
  const given = env['NODE_EXTRA_CA_CERTS']
  const others = given ? await readFile(given, 'utf8').catch(() => '') : ''
  await writeFile(file, `${others}\n${authority}`)
  return { NODE_EXTRA_CA_CERTS: file }
}

/** This very program, as Cargo will call it. */
function renewalOf({ domain, repository, domainOwner }: GivenRepository): readonly string[] {
  const program = resolve(fileURLToPath(new URL('../main.ts', import.meta.url)))
  const owner = domainOwner === undefined ? [] : ['--domain-owner', domainOwner]
  return [process.execPath, program, 'credential-cargo', '--domain', domain, '--repository', repository, ...owner]
}

/** Resolves to what the command ended with, as a shell would say it. */
function runCommand([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<0 | 1 | 2> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { stdio: 'inherit', env })
    child.once('error', (cause) => fail(new CommandError(`${file} cannot be run: ${cause.message}`, 1, cause)))
    child.once('close', (code, signal) => {
      done((code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0)) as 0 | 1 | 2)
    })
  })
}
