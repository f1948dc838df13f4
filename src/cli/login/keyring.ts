/** What pip and uv ask the program `keyring` for. */
export interface KeyringQuestion {
  readonly service: string
  /** Undefined: the answer has to say it. */
  readonly user: string | undefined
}

/** Undefined for everything that is no question for a password. Source: keyring's own `keyring --help`. */
export function readKeyringQuestion(words: readonly string[]): KeyringQuestion | undefined {
  const mode = words.indexOf('--mode')
  const plain = mode < 0 ? words : words.toSpliced(mode, 2)
  const [operation, service, user, ...more] = plain
  if (operation !== 'get' || service === undefined || more.length > 0) return undefined
  if (user === undefined && words[mode + 1] !== 'creds') return undefined
  return { service, user }
}

/** Source: keyring prints the password, and for `--mode creds` the user before it, each on a line. */
export function renderKeyringAnswer({ user }: KeyringQuestion, token: string): string {
  return user === undefined ? `aws\n${token}\n` : `${token}\n`
}
