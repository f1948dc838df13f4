import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import { logIn } from '../cli/login/aws-client.ts'
import type { AskingProtocol, Renewing, ToolLogin } from '../cli/login/tool.ts'
import { type LoginTool, loginTools, tools } from '../cli/login/tools.ts'
import { applyChange } from '../cli/login/write-files.ts'
import type { GivenRepository, LoginCommands } from '../cli/login-program.ts'
import { renderTrust } from '../cli/trust.ts'
import { readAuthorityFile } from './certificates.ts'
import { answerTool } from './credential-command.ts'
import { authorityFile } from './first-names.ts'
import { findAccess, helperOf, homeOf, type LoginCommandParts } from './login-access.ts'
import { runLoggedIn } from './run-command.ts'

export function createLoginCommands(parts: LoginCommandParts): LoginCommands {
  const { writeOut, writeError } = parts
  return {
    async login(flags, toolName, repository, way) {
      const tool = tools[toolName]
      const renew = way === 'let it ask' ? renewingOf(toolName) : undefined
      const access = await findAccess(parts, flags)
      const login = await logIn(access, tool.format, repository, Date.now())
      const helper = helperOf(parts, access, await parts.loadConfig(flags))
      const known: ToolLogin = { ...login, helper: (protocol) => [...helper, ...asked(protocol, repository)] }
      const renewing = renew?.(known)
      const changes = renewing?.files ?? tool.changes(known)
      for (const change of changes) writeError(`wrote ${await applyChange(homeOf(parts), change)}\n`)
      if (renewing?.build) await build(parts, renewing.build)
      const advice = renewing?.advice ?? tool.advice?.(known)
      if (advice !== undefined) writeOut(`${advice}\n`)
      const until = renewing ? '' : ` until ${new Date(login.expiresAt).toISOString().slice(0, 19)}Z`
      writeOut(`Logged in to ${login.endpoint.href}${until}\n`)
      return exitCodes.success
    },
    run: (flags, repository, command) => runLoggedIn(parts, flags, repository, command),
    credential: (flags, question) => answerTool(parts, flags, question),
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

function renewingOf(tool: LoginTool): (login: ToolLogin) => Renewing {
  const { renewing } = tools[tool]
  if (renewing) return renewing
  const able = loginTools.filter((each) => tools[each].renewing).join(', ')
  const advice = `--renew is for ${able}; log ${tool} in for one command by: packyard run -- …`
  throw new CommandError(`${tool} cannot be made to ask for a token: ${advice}`, exitCodes.usage)
}

/** An address says by itself which repository it is of; the plain token has to be told. */
function asked(protocol: AskingProtocol, given: GivenRepository): readonly string[] {
  const duration = given.durationSeconds === undefined ? [] : ['--duration-seconds', given.durationSeconds]
  if (protocol !== 'token') return [...duration, protocol]
  const owner = given.domainOwner === undefined ? [] : ['--domain-owner', given.domainOwner]
  return ['--domain', given.domain, '--repository', given.repository, ...owner, ...duration, protocol]
}

/** What the program writes goes to standard error, as it is no answer of ours. Throws `CommandError`. */
function build(parts: LoginCommandParts, { program, words, paths }: NonNullable<Renewing['build']>): Promise<void> {
  const places = paths.map((path) => join(homeOf(parts), path))
  return new Promise((done, fail) => {
    const child = spawn(program, [...words, ...places], { stdio: ['ignore', 2, 2], env: parts.env })
    child.once('error', (cause) => fail(new CommandError(`${program} cannot be run: ${cause.message}`, 1, cause)))
    child.once('close', (code) => {
      if (code === 0) done()
      else fail(new CommandError(`${program} could not build the plug-in; what it says stands above`))
    })
  })
}
