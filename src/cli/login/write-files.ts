import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CommandError } from '../exit-codes.ts'
import type { FileChange } from './tool.ts'

/** Changes a file as one, readable by its owner alone, as it holds a token. Resolves to its path. */
export async function applyChange(home: string, { file, kind, change }: FileChange): Promise<string> {
  const path = join(home, file)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writePrivate(path, tryChange(path, text, change), kind)
  return path
}

export async function writePrivate(path: string, text: string, kind: FileChange['kind'] = 'private'): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  await using handle = await open(temporary, 'wx', kind === 'program' ? 0o700 : 0o600)
  await handle.writeFile(text)
  await rename(temporary, path)
}

function tryChange(path: string, text: string, change: FileChange['change']): string {
  try {
    return change(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw new CommandError(`${path} was left as it is: ${reason}`, 1, cause)
  }
}
