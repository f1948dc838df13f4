import { RegistryError, refused } from '../../registry/errors.ts'
import type { AssetSource, Inspection } from '../../registry/format.ts'
import type { ZipRules } from '../zip.ts'
import type { ByteSource } from '../zip-reader.ts'
import type { Entry, SymbolFile } from './entry.ts'
import { readNuspec } from './nuspec.ts'
import { checkSymbolPaths, openPackage, type PackageArchive } from './package-archive.ts'
import { PDB_HEAD_BYTES, portablePdbKey } from './portable-pdb.ts'

/** What a package says of itself. */
export interface PackageContents {
  readonly entry: Entry
  readonly readme: string | undefined
}

/** As the registry asks for it; undefined for symbols, of which only their package is told. Throws `invalid`. */
export async function inspect(asset: AssetSource): Promise<Inspection | undefined> {
  if (!asset.name.endsWith('.nupkg')) return undefined
  const { entry, readme } = await readPackage(asset, 'lenient')
  return { document: entry, readme }
}

/** Reads a package, trusting nothing in it. Throws `invalid`; by the strict rules, on whatever the public gallery refuses too. */
export async function readPackage(asset: AssetSource, rules: ZipRules): Promise<PackageContents> {
  const archive = await openPackage(sourceOf(asset), rules)
  const entry = readNuspec(archive.nuspec, rules)
  if (rules === 'strict') checkContents(archive, entry)
  return { entry, readme: await readReadme(archive, entry, rules) }
}

/** Files of a symbol package whose keys are told. Ours; the largest public ones have some hundred. */
const SYMBOL_FILES_MAX = 1000

/** The package that symbols belong to, by its id and version, and what debuggers may ask for. Throws `invalid`. */
export async function readSymbols(asset: AssetSource): Promise<Entry> {
  const archive = await openPackage(sourceOf(asset), 'strict')
  checkSymbolPaths(archive.paths)
  const entry = readNuspec(archive.nuspec, 'strict')
  if (!isSymbols(entry)) throw refused('the nuspec of a symbol package must have the package type SymbolsPackage')
  return { ...entry, symbols: await readSymbolFiles(archive) }
}

async function readSymbolFiles({ paths, readStart }: PackageArchive): Promise<SymbolFile[]> {
  const found: SymbolFile[] = []
  for (const path of paths.filter((each) => /\.pdb$/i.test(each)).slice(0, SYMBOL_FILES_MAX)) {
    const key = portablePdbKey(await readStart(path, PDB_HEAD_BYTES))
    if (key !== undefined) found.push({ key, path })
  }
  return found
}

function isSymbols({ packageTypes }: Entry): boolean {
  return packageTypes.some((type) => type.toLowerCase() === 'symbolspackage')
}

function sourceOf(asset: AssetSource): ByteSource {
  return { sizeBytes: asset.sizeBytes, open: (start) => asset.open(start) }
}

function checkContents(archive: PackageArchive, entry: Entry): void {
  if (isSymbols(entry)) throw refused('this is a symbol package, which is pushed as .snupkg beside its package')
  for (const field of ['icon', 'license', 'readme'] as const) {
    const path = entry[field]
    if (path !== undefined && !archive.has(path)) {
      throw refused(`${field} '${path.slice(0, 100)}' of the nuspec is not in the package`)
    }
  }
}

/** One that is too large for people is left out of what came from outside. */
async function readReadme(archive: PackageArchive, { readme }: Entry, rules: ZipRules): Promise<string | undefined> {
  if (readme === undefined || !archive.has(readme)) return undefined
  try {
    return (await archive.read(readme)).toString('utf8') || undefined
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause
    if (rules === 'lenient') return undefined
    throw new RegistryError('invalid', `the readme cannot be shown: ${cause.message}`, { cause, reason: 'OTHER' })
  }
}
