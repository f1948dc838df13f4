/** One row of the table of settings: parser, help and manual all follow from it. */
export interface Setting<T> {
  /** One sentence. */
  readonly about: string
  readonly env: string
  /** On the command line; undefined where a value has no business there, as for a secret. */
  readonly flag: `--${string}` | undefined
  /** What may be written, as the end of a sentence: `must be …`. */
  readonly allowed: string
  /** The value when nobody gives one. */
  readonly default: T
  /** The default in words, where the value alone would say little. */
  readonly defaultText: string | undefined
  readonly display: 'plain' | 'secret'
  /** From text, or from what YAML made of it. Undefined for what is not allowed; may throw `SettingError` to say more. */
  parse(value: unknown): T | undefined
}

/** A value that is not allowed, or a name that does not exist. The message is one line and holds no secret. */
export class SettingError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SettingError'
  }
}

export interface SettingRow<T> {
  readonly about: string
  readonly env: string
  readonly flag?: `--${string}`
  readonly default: T
  readonly defaultText?: string
  readonly display?: 'secret'
}

export interface ValueKind<T> {
  readonly allowed: string
  parse(value: unknown): T | undefined
}

export function setting<T>(kind: ValueKind<T>, row: SettingRow<T>): Setting<T> {
  return {
    about: row.about,
    env: row.env,
    flag: row.flag,
    allowed: kind.allowed,
    default: row.default,
    defaultText: row.defaultText,
    display: row.display ?? 'plain',
    parse: (value) => kind.parse(value),
  }
}

/** For a setting that may be left alone. */
export function optional<T>(kind: ValueKind<T>, row: Omit<SettingRow<T>, 'default'>): Setting<T | undefined> {
  return setting<T | undefined>(kind, { ...row, default: undefined })
}
