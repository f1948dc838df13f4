import { link, open, readFile, rename, unlink } from 'node:fs/promises'
import type { NewAccessKey } from '../access/identity.ts'
import { PROFILE } from './first-names.ts'

/**
 * Writes an AWS shared-credentials file that only its owner can read. It is whole from its first moment; one that is
 * there already stays as it is. Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 */
export async function writeCredentials(file: string, key: NewAccessKey, suffix: string): Promise<void> {
  const temporary = `${file}.${suffix}`
  const text = [
    `[${PROFILE}]`,
    `aws_access_key_id = ${key.accessKeyId}`,
    `aws_secret_access_key = ${key.secretAccessKey}`,
    '',
  ]
  await writePrivateFile(temporary, text.join('\n'))
  try {
    await link(temporary, file)
  } catch (error) {
    if (!isFileError(error, 'EEXIST')) throw error
  } finally {
    await unlink(temporary)
  }
}

/** The key id that the file names for our profile; undefined when there is no file, or it names none. */
export async function readAccessKeyId(file: string): Promise<string | undefined> {
  try {
    const sections = (await readFile(file, 'utf8')).split(/^\[/m)
    const ours = sections.find((section) => section.startsWith(`${PROFILE}]`))
    return /^aws_access_key_id\s*=\s*(\S+)/m.exec(ours ?? '')?.[1]
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Moves the file of an earlier installation out of the way, as nothing else knows its secret. */
export async function setAside(file: string, suffix: string): Promise<void> {
  try {
    await rename(file, `${file}.${suffix}`)
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
  }
}

async function writePrivateFile(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(text)
  await handle.sync()
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
