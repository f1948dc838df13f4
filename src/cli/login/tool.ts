import type { Login } from './aws-client.ts'

/** A file that a package manager reads, and what becomes of its text. */
export interface FileChange {
  /** Below the home folder. */
  readonly file: string
  /** May it be run? Private files hold tokens. */
  readonly kind?: 'private' | 'program'
  change(text: string): string
}

/** How a tool asks for a token: as the last words of our own command. */
export type AskingProtocol = 'token' | 'keyring' | 'nuget'

export interface ToolLogin extends Login {
  /** The command, with everything that it needs to know, that answers a tool that asks for a token itself. */
  helper(protocol: AskingProtocol): readonly string[]
}

/** What a tool needs so that it asks for a token whenever it needs one. It holds no token. */
export interface Renewing {
  readonly files: readonly FileChange[]
  /** Paths below the home folder; for what has to be made of the files. */
  readonly build?: { readonly program: string; readonly words: readonly string[]; readonly paths: readonly string[] }
  readonly advice: string
}

export interface Tool {
  readonly format: string
  changes(login: ToolLogin): readonly FileChange[]
  /** Left out: the tool has no hook for it. */
  readonly renewing?: (login: ToolLogin) => Renewing
  /** What the person has to do besides. */
  readonly advice?: (login: ToolLogin) => string
}

/** The name under which the repository stands in configuration files that want one. */
export const NAME = 'packyard'

export const withoutScheme = ({ endpoint }: Pick<Login, 'endpoint'>): string => endpoint.href.replace(/^https?:/, '')
export const withToken = ({ endpoint, token }: Pick<Login, 'endpoint' | 'token'>): string =>
  endpoint.href.replace('://', `://aws:${token}@`)

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
