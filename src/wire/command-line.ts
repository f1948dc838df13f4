import { existsSync } from 'node:fs'
import type { AdvisoryCommands } from '../cli/advisories-program.ts'
import type { BackupCommands } from '../cli/backup-program.ts'
import type { AuditCommands } from '../cli/audit-program.ts'
import type { ApprovalCommands } from '../cli/approvals-program.ts'
import { renderBanner } from '../cli/banner.ts'
import { renderEnvironment } from '../cli/environment.ts'
import type { EventCommands } from '../cli/events-program.ts'
import { CommandError, type ExitCode, exitCodes } from '../cli/exit-codes.ts'
import type { IdentityCommands } from '../cli/identity-program.ts'
import type { KeepingCommands } from '../cli/keeping-program.ts'
import type { KeyCommands } from '../cli/keys-program.ts'
import type { LoginCommands } from '../cli/login-program.ts'
import type { RuleCommands } from '../cli/rules-program.ts'
import { type Commands, type GivenFlags, runProgram, type SettingFlag } from '../cli/program.ts'
import type { RetentionCommands } from '../cli/retention-program.ts'
import { CONFIG_VARIABLE, type Config, type ConfigSources, parseConfig, settingNames, settings } from '../config.ts'
import { readConfigFile } from '../config/file.ts'
import { type Setting, SettingError } from '../config/setting.ts'
import type { LoginCommandParts } from './login-access.ts'
import type { CommandParts } from './registry-command.ts'
import { authorityFile, credentialsFile, FIRST_DOMAIN, FIRST_REPOSITORY, PROFILE } from './first-names.ts'
import { readVersion } from './version.ts'

export interface Invocation {
  /** What stands after the program's name. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The program's own file, for worker processes. */
  readonly program: string
  /** The folder of compiled code; undefined where there can be none. */
  readonly compileCache: string | undefined
  readonly writeOut: (text: string) => void
  readonly writeError: (text: string) => void
  /** Opens standard input, which keeps the process alive. */
  readonly readIn: () => AsyncIterable<Uint8Array>
}

/** Runs one command. Resolves to its exit code. */
export function runCommandLine(invocation: Invocation): Promise<ExitCode> {
  return runProgram(
    {
      version: readVersion(),
      flags: settingNames.flatMap(toFlag),
      commands: createCommands(invocation),
      writeOut: invocation.writeOut,
      writeError: invocation.writeError,
    },
    invocation.args,
  )
}

/** Everything that a command needs is loaded when it runs: `env` stands in a shell's way. */
function createCommands(invocation: Invocation): Commands {
  const loadSettings = async (flags: GivenFlags) => (await loadConfig(invocation, flags)).config
  const { writeOut, writeError, env, program, readIn } = invocation
  const asking = { loadConfig: loadSettings, writeOut, writeError, readIn, env, program, clientUrl }
  return {
    ...lazyCommands(
      ['listTokens', 'revokeTokens', 'createAccount', 'createRootKey', 'explain'],
      async (): Promise<IdentityCommands> => {
        const { createIdentityCommands } = await import('./identity-commands.ts')
        return createIdentityCommands({ loadConfig: loadSettings, writeOut, writeError })
      },
    ),
    ...lazyCommands(['rotateKeys', 'encryptBlobs'], async (): Promise<KeyCommands> => {
      const { createKeyCommands } = await import('./key-commands.ts')
      return createKeyCommands({ loadConfig: loadSettings, writeOut })
    }),
    ...lazyCommands(['jobs', 'gc', 'verify'], async (): Promise<KeepingCommands> => {
      const { createKeepingCommands } = await import('./keeping-commands.ts')
      return createKeepingCommands({ loadConfig: loadSettings, writeOut, writeError })
    }),
    ...lazyCommands(['verifyAudit', 'exportAudit', 'listAudit', 'usage'], async (): Promise<AuditCommands> => {
      const { createAuditCommands } = await import('./audit-commands.ts')
      return createAuditCommands({ loadConfig: loadSettings, writeOut, writeError })
    }),
    ...lazyCommands(
      ['listDeliveries', 'replayDeliveries', 'showSecret', 'rotateSecret'],
      async (): Promise<EventCommands> => {
        const { createEventCommands } = await import('./event-commands.ts')
        return createEventCommands({ loadConfig: loadSettings, writeOut, writeError })
      },
    ),
    ...advisoryCommands({ loadConfig: loadSettings, writeOut, writeError }),
    ...lazyCommands(['backup', 'restore', 'migrate'], async (): Promise<BackupCommands> => {
      const { createBackupCommands } = await import('./backup-commands.ts')
      return createBackupCommands({ loadConfig: loadSettings, writeOut, writeError })
    }),
    ...lazyCommands(['login', 'run', 'credential', 'trust'], async (): Promise<LoginCommands> => {
      const { createLoginCommands } = await import('./login-commands.ts')
      return createLoginCommands(asking)
    }),
    ...retentionCommands({ ...invocation, loadConfig: loadSettings, clientUrl }),
    ...governanceCommands(asking),
    async serve(flags) {
      const loaded = await loadConfig(invocation, flags)
      return serve(invocation, loaded)
    },
    async env(flags, form) {
      const { config } = await loadConfig(invocation, flags)
      invocation.writeOut(renderEnvironment(readAccess(config), form))
      return exitCodes.success
    },
    async doctor(flags, form) {
      const { config } = await loadConfig(invocation, flags)
      const { diagnose } = await import('./diagnose.ts')
      const { text, hasProblem } = await diagnose(config, invocation.env['PATH'] ?? '', form)
      invocation.writeOut(text)
      return hasProblem ? exitCodes.failure : exitCodes.success
    },
    async explainPackage(flags, given, form) {
      const { createExplainCommands } = await import('./explain-command.ts')
      const loadSettings = async (asked: GivenFlags) => (await loadConfig(invocation, asked)).config
      const { writeOut } = invocation
      return createExplainCommands({ loadConfig: loadSettings, writeOut }).explainPackage(flags, given, form)
    },
  }
}

function retentionCommands(parts: LoginCommandParts): RetentionCommands {
  return lazyCommands(
    ['addHold', 'listHolds', 'removeHold', 'runRetention', 'confirmRetention', 'listRetention'],
    async (): Promise<RetentionCommands> => {
      const { createRetentionCommands } = await import('./retention-commands.ts')
      return createRetentionCommands(parts)
    },
  )
}

function advisoryCommands(parts: CommandParts): AdvisoryCommands {
  return lazyCommands(
    [
      'importAdvisories',
      'refreshAdvisories',
      'showFeeds',
      'removeFeed',
      'listAdvisories',
      'showAdvisory',
      'matchAdvisories',
      'listLicences',
    ],
    async (): Promise<AdvisoryCommands> => (await import('./advisory-commands.ts')).createAdvisoryCommands(parts),
  )
}

/** They ask a server. */
function governanceCommands(asking: LoginCommandParts): RuleCommands & ApprovalCommands {
  return {
    ...lazyCommands(
      ['listRuleKinds', 'listRules', 'showRule', 'putRule', 'deleteRule', 'listRuleVersions', 'listFindings'],
      async (): Promise<RuleCommands> => {
        const { createRuleCommands } = await import('./rule-commands.ts')
        return createRuleCommands(asking)
      },
    ),
    ...lazyCommands(
      ['listRequests', 'listDecisions', 'decide', 'revokeDecision'],
      async (): Promise<ApprovalCommands> => {
        const { createApprovalCommands } = await import('./approval-commands.ts')
        return createApprovalCommands(asking)
      },
    ),
  }
}

type AnyCommands<Name extends string> = Readonly<Record<Name, (...given: never[]) => Promise<ExitCode>>>

/** Commands whose code is loaded when one of them runs. */
function lazyCommands<const Name extends string, Loaded extends AnyCommands<Name>>(
  names: readonly Name[],
  load: () => Promise<Loaded>,
): Pick<Loaded, Name> {
  const commands = names.map((name) => {
    const run = async (...given: never[]) => (await load())[name](...given)
    return [name, run] as const
  })
  return Object.fromEntries(commands) as unknown as Pick<Loaded, Name>
}

interface LoadedConfig {
  readonly config: Config
  readonly sources: ConfigSources
}

async function loadConfig({ env }: Invocation, flags: GivenFlags): Promise<LoadedConfig> {
  try {
    const file = await readConfigFile(flags.configFile ?? env[CONFIG_VARIABLE])
    const sources = { flags: flags.settings, env: pickVariables(env), file }
    return { config: parseConfig(sources), sources }
  } catch (error) {
    if (error instanceof SettingError) throw new CommandError(error.message, exitCodes.usage, error)
    throw error
  }
}

/** Ours and those of proxies, to be handed on to other processes. */
function pickVariables(env: Invocation['env']): ConfigSources['env'] {
  const known = new Set(settingNames.flatMap((name) => [settings[name].env, settings[name].env.toLowerCase()]))
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('PACKYARD_') || known.has(name)))
}

async function serve(invocation: Invocation, { config, sources }: LoadedConfig): Promise<ExitCode> {
  const onReady = (port: number) => {
    const url = clientUrl(config, port)
    const command = invocation.env['npm_lifecycle_event'] === 'start' ? 'npm' : 'packyard'
    invocation.writeError(renderBanner({ url, command, domain: FIRST_DOMAIN, repository: FIRST_REPOSITORY }))
  }
  try {
    const end = config.processes === 1 ? await serveAlone() : await serveWithWorkers()
    return end === 'stopped' ? exitCodes.success : exitCodes.failure
  } catch (error) {
    if (error instanceof CommandError) throw error
    const { explainStartFailure } = await import('./start-failure.ts')
    throw new CommandError(explainStartFailure(error, config), exitCodes.failure, error)
  }

  async function serveAlone() {
    const single = await import('./single.ts')
    return single.serveAlone(config, onReady)
  }

  async function serveWithWorkers() {
    const primary = await import('./primary.ts')
    const { program, compileCache } = invocation
    return primary.serveWithWorkers(config, { sources, program, compileCache, onReady })
  }
}

/** What AWS clients need, from settings and data folder alone: the server need not run. */
function readAccess(config: Config) {
  const file = credentialsFile(config)
  if (!existsSync(file)) {
    const advice = 'start the server once (packyard serve, or npm start), in this folder and with the same settings'
    throw new CommandError(`${file} is not there: ${advice}`)
  }
  if (config.port === 0 && config.publicUrl === undefined) {
    throw new CommandError('port is 0, any free one, so nobody can know the address: set a port, or publicUrl')
  }
  const access = { region: config.region, credentialsFile: file, profile: PROFILE }
  const authority = config.tls === 'auto' ? authorityFile(config) : undefined
  return { url: clientUrl(config, config.port), ...access, authorityFile: authority }
}

/** Listening everywhere is no address that a client could use. */
function clientUrl({ publicUrl, host, tls, tlsCert }: Config, port: number): string {
  if (publicUrl !== undefined) return publicUrl
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const scheme = tls === 'auto' || tlsCert !== undefined ? 'https' : 'http'
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function toFlag(name: (typeof settingNames)[number]): SettingFlag[] {
  const { flag, about }: Setting<unknown> = settings[name]
  return flag === undefined ? [] : [{ name, flag, about }]
}
