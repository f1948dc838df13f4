import { refused } from '../../registry/errors.ts'
import { isSameVersion } from './versions.ts'
import { normalizeName } from './names.ts'
import { openZip, type ZipArchive, type ZipRules } from '../zip.ts'
import type { ByteSource } from '../zip-reader.ts'

/** Largest METADATA or PKG-INFO. Unit: bytes. Ours; descriptions have been megabytes. */
export const METADATA_BYTES_MAX = 16 * 1024 * 1024

/** What must stand in a wheel's own folder. Source: PyPA specification, "Binary distribution format". */
const requiredFiles = ['WHEEL', 'METADATA', 'RECORD']

/** A wheel's METADATA as it stands, and what else is in its folder. */
export interface Wheel {
  readonly metadata: Buffer
  /** Paths below the `.dist-info` folder. */
  readonly distInfo: ReadonlySet<string>
}

/** Reads a wheel. Throws `invalid` on what is none, or by the strict rules on one that installers could read two ways. */
export async function readWheel(source: ByteSource, filename: string, rules: ZipRules): Promise<Wheel> {
  const archive = await openZip(source, rules)
  const folder = findDistInfo(archive, filename)
  const distInfo = new Set<string>()
  for (const path of archive.entries.keys()) if (path.startsWith(folder)) distInfo.add(path.slice(folder.length))
  const lacking = requiredFiles.find((name) => !distInfo.has(name))
  if (rules === 'strict' && lacking !== undefined) throw refused(`the wheel holds no ${folder}${lacking}`)
  return { metadata: await archive.read(`${folder}METADATA`, METADATA_BYTES_MAX), distInfo }
}

/** Old builders spell the folder otherwise than the file: it is the one that means the same. */
function findDistInfo(archive: ZipArchive, filename: string): string {
  const [name = '', version = ''] = filename.split('-')
  const folders = new Set<string>()
  for (const path of archive.entries.keys()) {
    const [, folder] = /^([^/]+\.dist-info)\//.exec(path) ?? []
    if (folder !== undefined) folders.add(folder)
  }
  const found = [...folders].filter((folder) => {
    const stem = folder.slice(0, -'.dist-info'.length)
    const at = stem.indexOf('-')
    const isNamed = at >= 0 && normalizeName(stem.slice(0, at)) === normalizeName(name)
    return isNamed && isSameVersion(unescaped(stem.slice(at + 1)), unescaped(version))
  })
  const [folder] = found
  if (folder === undefined) throw refused(`the wheel holds no folder ${name}-${version}.dist-info`)
  if (found.length > 1) throw refused(`the wheel holds more than one folder ${name}-${version}.dist-info`)
  return `${folder}/`
}

function unescaped(version: string): string {
  return version.replaceAll('_', '-')
}
