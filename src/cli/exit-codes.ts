/** What the commands end with; shown by `--help`. Unit: exit code. Ours, after the shell's own custom for 2. */
export const exitCodes = {
  success: 0,
  /** It was tried and did not work, or a check failed. */
  failure: 1,
  /** The command line or a setting is wrong; nothing was tried. */
  usage: 2,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A failure that is told in one line. */
export class CommandError extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = exitCodes.failure, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}
