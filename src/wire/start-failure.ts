import { KeyringError } from '../access/keyring.ts'
import type { Config } from '../config.ts'
import { WorkerFailure } from './crew.ts'

/** One line for a person, of an error that kept the server from starting. */
export function explainStartFailure(error: unknown, config: Config): string {
  if (error instanceof WorkerFailure) return error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const place = `${config.host}:${config.port}`
  if (code === 'EADDRINUSE') return `${place} is in use by another program: stop it, or choose another port with --port`
  if (code === 'EACCES' && isListening(error))
    return `${place} may not be listened on by this user: choose another port`
  if (code === 'EADDRNOTAVAIL') return `${config.host} is no address of this machine: choose another with --host`
  if (error instanceof KeyringError) return firstLine(error.message)
  const isAboutDatabase = config.databaseUrl !== undefined && typeof code === 'string' && !isListening(error)
  const reason = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error)
  return isAboutDatabase ? `the database cannot be used: ${firstLine(reason)}` : `cannot start: ${firstLine(reason)}`
}

function isListening(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Addresses of databases hold passwords, and some libraries quote them. */
function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replaceAll(/\/\/[^/@\s]*@/g, '//***@')
}
