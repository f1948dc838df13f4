import { CodeartifactClient } from '@aws-sdk/client-codeartifact'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Run, run } from './processes.ts'
import { skipWithout } from './requirements.ts'

/** One generation of the AWS CLI, as it stands on this machine. */
export interface AwsCli {
  /** `AWS CLI 1.45.11` */
  readonly name: string
  readonly program: string
  /** Older ones must be told the address in each command. Source: AWS CLI changelog, 1.29.0 and 2.13.0. */
  readonly readsEndpointUrl: boolean
}

/** The AWS CLIs on the PATH, one of each generation. */
export const awsClis: readonly AwsCli[] = findAwsClis()

export const skipWithoutAws = skipWithout('the AWS CLI', awsClis.length > 0)

/** Runs a command of the AWS CLI, its words separated by spaces; a word may be in single quotes. */
export function runAws(cli: AwsCli, command: string, env: Readonly<Record<string, string>>, cwd: string): Promise<Run> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '')
  const { AWS_ENDPOINT_URL } = env
  const endpoint = cli.readsEndpointUrl || !AWS_ENDPOINT_URL ? [] : ['--endpoint-url', AWS_ENDPOINT_URL]
  return run(cli.program, [...words, ...endpoint], { cwd, env: { ...env, AWS_PAGER: '' } })
}

/** The SDK's client, set up from the same variables as the CLI. */
export function sdkClient(env: Readonly<Record<string, string>>): CodeartifactClient {
  const credentials = readCredentials(env.AWS_SHARED_CREDENTIALS_FILE ?? '', env.AWS_PROFILE ?? '')
  return new CodeartifactClient({
    endpoint: env.AWS_ENDPOINT_URL ?? '',
    region: env.AWS_REGION ?? '',
    credentials,
    ...(env.AWS_CA_BUNDLE && { requestHandler: { httpsAgent: { ca: readFileSync(env.AWS_CA_BUNDLE, 'utf8') } } }),
  })
}

/** Source: AWS CLI documentation, "Configuration and credential file settings". */
export function readCredentials(file: string, profile: string): { accessKeyId: string; secretAccessKey: string } {
  const text = readFileSync(file, 'utf8')
  const section = text.split(/^\[/m).find((part) => part.startsWith(`${profile}]`)) ?? ''
  const field = (name: string) => new RegExp(`^${name}\\s*=\\s*(\\S+)`, 'm').exec(section)?.[1] ?? ''
  return { accessKeyId: field('aws_access_key_id'), secretAccessKey: field('aws_secret_access_key') }
}

function findAwsClis(): AwsCli[] {
  const generations = new Map<string, AwsCli>()
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const program = join(folder, 'aws')
    const output = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''
    const [, version, generation = '', minor] = /aws-cli\/((\d+)\.(\d+)\.\S+)/.exec(output) ?? []
    if (!version || generations.has(generation)) continue
    const readsEndpointUrl = Number(minor) >= (generation === '1' ? 29 : 13)
    generations.set(generation, { name: `AWS CLI ${version}`, program, readsEndpointUrl })
  }
  return [...generations.values()]
}
