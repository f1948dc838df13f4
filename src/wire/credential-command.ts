import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { access as ask, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { CommandError, type ExitCode, exitCodes } from '../cli/exit-codes.ts'
import { type Access, createToken, findEndpoint } from '../cli/login/aws-client.ts'
import { readRepository } from '../cli/login/endpoint-url.ts'
import { readKeyringQuestion, renderKeyringAnswer } from '../cli/login/keyring.ts'
import { serveNugetPlugin } from '../cli/login/nuget-plugin.ts'
import type { GivenQuestion } from '../cli/login-program.ts'
import type { GivenFlags } from '../cli/program.ts'
import { findAccess, type LoginCommandParts } from './login-access.ts'

/** Answers a package manager that asks for a token. */
export async function answerTool(
  parts: LoginCommandParts,
  flags: GivenFlags,
  question: GivenQuestion,
): Promise<ExitCode> {
  const access = () => findAccess(parts, flags, question.server)
  const tokenFor = async (address: string) => findToken(await access(), question, address)
  if (question.protocol === 'keyring') return answerKeyring(parts, question, tokenFor)
  if (question.protocol === 'token') {
    const { token } = await createToken(await access(), question.repository, Date.now())
    parts.writeOut(`${token}\n`)
    return exitCodes.success
  }
  const lines = createInterface({ input: Readable.from(parts.readIn()) })
  const writeLine = (line: string) => parts.writeOut(`${line}\n`)
  await serveNugetPlugin({ lines, writeLine, tokenFor, createId: randomUUID })
  return exitCodes.success
}

/** Undefined for an address that is not this server's: the server itself is asked where the repository is. */
async function findToken(access: Access, question: GivenQuestion, address: string): Promise<string | undefined> {
  const named = readRepository(address)
  if (named === undefined) return undefined
  const now = Date.now()
  const endpoint = await findEndpoint(access, named.format, named, now).catch((error: unknown) => {
    // A repository in the same form on somebody else's server is unknown to ours.
    if (new URL(address).host === new URL(access.url).host) throw error
  })
  const plain = `${address}/`.replace(/^(https?:\/\/)[^/@]*@/, '$1')
  if (endpoint === undefined || !plain.startsWith(endpoint.href)) return undefined
  const { durationSeconds } = question.repository
  return (await createToken(access, { ...named, durationSeconds }, now)).token
}

/** What is not about an address of ours is for the keyring that would have been called without us. */
async function answerKeyring(
  { env, writeOut, writeError }: LoginCommandParts,
  { words, self }: GivenQuestion,
  tokenFor: (address: string) => Promise<string | undefined>,
): Promise<ExitCode> {
  const question = readKeyringQuestion(words)
  const token = question && (await tokenFor(question.service))
  if (question && token !== undefined) {
    writeOut(renderKeyringAnswer(question, token))
    return exitCodes.success
  }
  const next = await findNextKeyring(env['PATH'] ?? '', self)
  if (next !== undefined) return handOn(next, words, env)
  writeError('packyard: this address is not one of Packyard, and there is no other keyring on the PATH\n')
  return exitCodes.failure
}

async function findNextKeyring(path: string, self: string | undefined): Promise<string | undefined> {
  const programs = path.split(delimiter).filter(Boolean)
  const candidates = programs.map((folder) => join(folder, 'keyring')).filter((program) => program !== self)
  for (const program of candidates) {
    const isThere = await ask(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return program
  }
  return undefined
}

function handOn(program: string, words: readonly string[], env: LoginCommandParts['env']): Promise<ExitCode> {
  return new Promise((done, fail) => {
    const child = spawn(program, words, { stdio: 'inherit', env })
    child.once('error', (cause) => fail(new CommandError(`${program} cannot be run: ${cause.message}`, 1, cause)))
    child.once('close', (code) => done((code ?? exitCodes.failure) as ExitCode))
  })
}
