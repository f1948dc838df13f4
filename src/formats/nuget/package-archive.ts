import type { Entry as ZipEntry } from 'yauzl'
import { invalid, RegistryError, refused } from '../../registry/errors.ts'
import { openZip, type ZipArchive, type ZipFileStream, type ZipRules } from '../zip.ts'
import type { ByteSource } from '../zip-reader.ts'

/** Largest nuspec. Unit: bytes. Ours. */
const NUSPEC_BYTES_MAX = 4 * 1024 * 1024

/** Largest file of a package that is shown to people. Unit: bytes. Source: the public gallery's rule. */
export const SHOWN_FILE_BYTES_MAX = 1024 * 1024

/** A `.nupkg` or `.snupkg`, opened. */
export interface PackageArchive {
  readonly nuspec: Buffer
  /** Every path, as it stands in the archive. */
  readonly paths: readonly string[]
  has(path: string): boolean
  /** A file by its path, in any case. Throws `missing`, and `invalid` for what is larger than may be shown. */
  read(path: string): Promise<Buffer>
  /** A file of any size by its path, as it stands in the archive. Throws `invalid`. */
  open(path: string): Promise<ZipFileStream>
  /** What such a file begins with. Throws `invalid`. */
  readStart(path: string, wantedBytes: number): Promise<Buffer>
}

/** Throws `invalid` on what is no package; by the strict rules, on what two readers could take for two things. */
export async function openPackage(source: ByteSource, rules: ZipRules): Promise<PackageArchive> {
  const zip = await openZip(source, rules)
  const byPath = indexPaths(zip.entries, rules)
  const paths = [...zip.entries.keys()]
  const nuspec = await zip.read(findNuspec(paths), NUSPEC_BYTES_MAX)
  const read = (path: string) => readFile(zip, byPath, path)
  return { nuspec, paths, has: (path) => byPath.has(foldPath(path)), read, open: zip.open, readStart: zip.readStart }
}

/** Clients put files onto file systems that do not know case, under names that they have decoded. */
function indexPaths(entries: ReadonlyMap<string, ZipEntry>, rules: ZipRules): Map<string, string> {
  const found = new Map<string, string>()
  for (const path of entries.keys()) {
    const folded = foldPath(path)
    if (rules === 'strict') checkPath(path, folded, found)
    if (!path.endsWith('/')) found.set(folded, path)
  }
  return found
}

function checkPath(path: string, folded: string, before: ReadonlyMap<string, string>): void {
  if (before.has(folded)) throw refused(`the package holds '${path.slice(0, 100)}' twice, but for its case`)
  const isOutside = folded.startsWith('/') || /^[a-z]:/.test(folded) || folded.split(/[\\/]/).includes('..')
  if (isOutside || folded.includes('\0')) {
    throw refused(`the package holds a path outside of itself: '${path.slice(0, 100)}'`)
  }
}

function foldPath(path: string): string {
  try {
    return decodeURIComponent(path).toLowerCase()
  } catch {
    return path.toLowerCase()
  }
}

/** Source: NuGet's reader, which takes the one `.nuspec` that lies in no folder. */
function findNuspec(paths: readonly string[]): string {
  const [found, second] = paths.filter((path) => !path.includes('/') && /\.nuspec$/i.test(path))
  if (found === undefined) throw refused('the package has no .nuspec at its root')
  if (second !== undefined) throw refused('the package has more than one .nuspec at its root')
  return found
}

async function readFile(zip: ZipArchive, byPath: ReadonlyMap<string, string>, path: string): Promise<Buffer> {
  const found = byPath.get(foldPath(path))
  if (found !== undefined) return zip.read(found, SHOWN_FILE_BYTES_MAX)
  throw new RegistryError('missing', `the package has no file '${path.slice(0, 100)}'`, { resourceType: 'asset' })
}

/** Source: NuGet documentation, "Creating symbol packages": nothing else may be in one. */
const symbolPath = /(?:^|\/)[^/]*\.(?:pdb|nuspec|xml|psmdcp|rels|p7s)$|\/$/i

/** Throws `invalid` for a symbol package that brings more than symbols. */
export function checkSymbolPaths(paths: readonly string[]): void {
  const odd = paths.find((path) => !symbolPath.test(path))
  if (odd !== undefined) throw invalid('file of a symbol package', odd, 'must be a .pdb, or part of the package format')
}
