import { existsSync, readFileSync } from 'node:fs'
import type { ConfigFile } from '../config.ts'
import { SettingError } from './setting.ts'

/** Read when it is there and nobody names another. */
const DEFAULT_FILE = 'packyard.yaml'

/** The file of settings, undefined when none was named and none is there. Throws `SettingError`, one line. */
export async function readConfigFile(named: string | undefined): Promise<ConfigFile | undefined> {
  const name = named ?? DEFAULT_FILE
  if (named === undefined && !existsSync(name)) return undefined
  const text = readText(name)
  const { parse, YAMLParseError } = await import('yaml')
  try {
    return { name, content: (parse(text) as unknown) ?? {} }
  } catch (cause) {
    const where = cause instanceof YAMLParseError ? (cause.message.split('\n', 1)[0] ?? '') : 'it cannot be read'
    throw new SettingError(`${name} is not valid YAML: ${where.replace(/:$/, '')}`, cause)
  }
}

function readText(name: string): string {
  try {
    return readFileSync(name, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new SettingError(`the file of settings ${name} cannot be read (${code})`, cause)
  }
}
