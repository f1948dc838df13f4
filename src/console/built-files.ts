import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { weights } from '../http/negotiation.ts'

/** A file of the app, ready to be sent. */
export interface BuiltFile {
  readonly bytes: Buffer
  readonly mediaType: string
  /** As it is compressed; undefined when it is not. */
  readonly coding: 'br' | 'gzip' | undefined
}

/** Everything that the build makes. What has no row here is not sent. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Names as the build makes them, so that no path leads out of the folder. */
const nameForm = /^(?:[\w-]+\/)?[\w-]+(?:\.[\w-]+)*$/

/** The file in the form that the client likes best: the build compressed each text. Undefined when there is no such file. */
export async function readBuilt(
  folder: string,
  name: string,
  acceptEncoding: string | undefined,
): Promise<BuiltFile | undefined> {
  const mediaType = mediaTypes[extname(name)]
  if (mediaType === undefined || !nameForm.test(name)) return undefined
  const welcome = weights(acceptEncoding ?? '')
  for (const [coding, ending] of [
    ['br', '.br'],
    ['gzip', '.gz'],
    [undefined, ''],
  ] as const) {
    if (coding !== undefined && !((welcome.get(coding) ?? 0) > 0)) continue
    const bytes = await readIfThere(join(folder, name + ending))
    if (bytes) return { bytes, mediaType, coding }
  }
  return undefined
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
