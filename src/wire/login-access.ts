import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Access, findCredentials } from '../cli/login/aws-client.ts'
import type { GivenFlags } from '../cli/program.ts'
import type { Config } from '../config.ts'
import { readAuthorityFile, trustOwnAuthority } from './certificates.ts'
import { credentialsFile, PROFILE } from './first-names.ts'

export interface LoginCommandParts {
  loadConfig(flags: GivenFlags): Promise<Config>
  clientUrl(config: Config, port: number): string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The program's own file. */
  readonly program: string
  readonly writeOut: (text: string) => void
  readonly writeError: (text: string) => void
  /** Opens standard input, which keeps the process alive. */
  readonly readIn: () => AsyncIterable<Uint8Array>
}

export function homeOf({ env }: Pick<LoginCommandParts, 'env'>): string {
  return env['HOME'] ?? homedir()
}

/** `server`: an address that was written down when somebody logged in. Throws `CommandError`. */
export async function findAccess(parts: LoginCommandParts, flags: GivenFlags, server?: string): Promise<Access> {
  const { env, loadConfig, clientUrl } = parts
  const config = await loadConfig(flags)
  trustOwnAuthority(config)
  const named = server ?? env['AWS_ENDPOINT_URL_CODEARTIFACT'] ?? env['AWS_ENDPOINT_URL']
  const url = (named ?? clientUrl(config, config.port)).replace(/\/$/, '')
  const files = [join(homeOf(parts), '.aws/credentials'), credentialsFile(config)]
  const credentials = await findCredentials(env, { url, files, profile: PROFILE }, Date.now())
  return { url, region: env['AWS_REGION'] ?? config.region, credentials }
}

/** The command that a tool calls later, from another folder and another shell. */
export function helperOf(
  { program }: Pick<LoginCommandParts, 'program'>,
  { url, region }: Access,
  { dataDir }: Pick<Config, 'dataDir'>,
): readonly string[] {
  const place = ['--server', url, '--region', region, '--data-dir', resolve(dataDir)]
  return [process.execPath, program, 'credential', ...place]
}

/** Node reads one file only: what it trusts already stands in `file` beside our own authority. */
export async function trustOf(
  env: LoginCommandParts['env'],
  config: Config,
  file: string,
): Promise<Record<string, string>> {
  const authority = readAuthorityFile(config)
  if (authority === undefined) return {}
  const given = env['NODE_EXTRA_CA_CERTS']
  const others = given ? await readFile(given, 'utf8').catch(() => '') : ''
  await writeFile(file, `${others}\n${authority}`)
  return { NODE_EXTRA_CA_CERTS: file }
}
