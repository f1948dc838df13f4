import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { GivenFlags } from './program.ts'

type Form = 'text' | 'json'

/** Commands about the keys by which blobs are encrypted, beside a server that may be running. */
export interface KeyCommands {
  rotateKeys(flags: GivenFlags, form: Form): Promise<ExitCode>
  encryptBlobs(flags: GivenFlags, form: Form): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>

export interface KeyProgramParts {
  readonly commands: KeyCommands
  /** Adds the options of all settings, and reads them. */
  withSettings(command: Command): Command
  readFlags(options: Options): GivenFlags
  end(code: ExitCode): void
}

export function addKeyCommands(program: Command, { commands, withSettings, readFlags, end }: KeyProgramParts): void {
  const keys = program.command('keys').description('Look after the keys by which blobs are encrypted.')
  const add = (name: string, about: string, run: (flags: GivenFlags, form: Form) => Promise<ExitCode>) => {
    const form = new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text')
    const command = keys.command(name).description(about).addOption(form)
    withSettings(command).action(async (options: Options) => {
      end(await run(readFlags(options), options['output'] === 'json' ? 'json' : 'text'))
    })
  }
  add(
    'rotate',
    'Wrap the keys of all domains by a new key, and give each a new one for new blobs; no blob is rewritten.',
    (flags, form) => commands.rotateKeys(flags, form),
  )
  add('encrypt', 'Encrypt the blobs that were stored as they are.', (flags, form) => commands.encryptBlobs(flags, form))
}
