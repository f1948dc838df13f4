import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError, type ExitCode } from '../cli/exit-codes.ts'
import { type Access, createToken, findEndpoint } from '../cli/login/aws-client.ts'
import {
  type RunFormat,
  type RunLogin,
  runArguments,
  runFiles,
  runFormats,
  runVariables,
} from '../cli/login/run-settings.ts'
import { writePrivate } from '../cli/login/write-files.ts'
import type { GivenRepository } from '../cli/login-program.ts'
import type { GivenFlags } from '../cli/program.ts'
import { findAccess, homeOf, type LoginCommandParts, trustOf } from './login-access.ts'

/** Runs a command that finds its package manager logged in, and leaves nothing behind. */
export async function runLoggedIn(
  parts: LoginCommandParts,
  flags: GivenFlags,
  repository: GivenRepository,
  command: readonly string[],
): Promise<ExitCode> {
  const { env } = parts
  const login = await logInToAll(await findAccess(parts, flags), repository)
  const folder = await mkdtemp(join(tmpdir(), 'packyard-run-'))
  try {
    const fileOf = (name: string) => join(folder, name)
    const files = runFiles(login, {
      npmrc: await readOwn(env['NPM_CONFIG_USERCONFIG'] ?? join(homeOf(parts), '.npmrc')),
      mavenSettings: await readOwn(join(homeOf(parts), '.m2/settings.xml')),
    })
    for (const [name, text] of Object.entries(files)) await writePrivate(fileOf(name), text)
    const trust = await trustOf(env, await parts.loadConfig(flags), fileOf('ca.pem'))
    return await runCommand(runArguments(command, fileOf), { ...env, ...runVariables(login, fileOf), ...trust })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** One token does for every format of a domain. */
async function logInToAll(access: Access, repository: GivenRepository): Promise<RunLogin> {
  const now = Date.now()
  const find = async (format: RunFormat) => [format, await findEndpoint(access, format, repository, now)] as const
  const endpoints = Object.fromEntries(await Promise.all(runFormats.map(find))) as RunLogin['endpoints']
  return { endpoints, token: (await createToken(access, repository, now)).token }
}

function readOwn(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}

/** Resolves to what the command ended with, as a shell would say it. */
function runCommand([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { stdio: 'inherit', env })
    child.once('error', (cause) => fail(new CommandError(`${file} cannot be run: ${cause.message}`, 1, cause)))
    child.once('close', (code, signal) => {
      done((code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0)) as ExitCode)
    })
  })
}
