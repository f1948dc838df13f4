import { Readable } from 'node:stream'
import { digest, digestStream, packTarball, streamTarball, type TarballDigests, type TarEntry } from './tarball.ts'

/** `tiny@1.3.0`, or more about it. */
export type PackageInput = string | PackageFields

export interface PackageFields {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  /** Further fields of package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>
  /** Further files, by path below `package/`. */
  readonly files?: Readonly<Record<string, string>>
  /** Pads the package with a file of noise of this size. */
  readonly noiseBytes?: number
  /** Long ago unless given: some clients refuse versions of the last day. */
  readonly publishedAt?: Date
  /** The dist-tag that points here; `latest` unless given, the newest publish wins. */
  readonly tag?: string
}

/** A package version made in memory, as an npm registry would hold it. */
export interface NpmPackage {
  readonly name: string
  readonly version: string
  readonly manifest: Readonly<Record<string, unknown>>
  readonly publishedAt: Date
  readonly tag: string
  readonly digests: TarballDigests
  open(): Readable
}

const longAgo = new Date('2024-02-03T04:05:06.789Z')

/** Makes the version. Requiring the package gives `name@version`, so that a test sees which one was installed. */
export async function makePackage(input: PackageInput): Promise<NpmPackage> {
  const fields = typeof input === 'string' ? parseSpec(input) : input
  const manifest = {
    name: fields.name,
    version: fields.version,
    description: `The fixture ${fields.name}`,
    license: 'Apache-2.0',
    main: 'index.js',
    ...(fields.dependencies && { dependencies: fields.dependencies }),
    ...fields.manifest,
  }
  const { noiseBytes } = fields
  const entries = packageEntries(manifest, fields.files)
  const bytes = noiseBytes === undefined ? packTarball(entries) : undefined
  const open = () => (bytes ? Readable.from([bytes]) : streamTarball(entries, noiseBytes ?? 0))
  const { name, version, publishedAt = longAgo, tag = 'latest' } = fields
  return {
    name,
    version,
    manifest,
    publishedAt,
    tag,
    digests: bytes ? digest(bytes) : await digestStream(open()),
    open,
  }
}

/** The tarball of a package, whole; for small ones. */
export async function bytesOf(made: NpmPackage): Promise<Buffer> {
  return Buffer.concat(await made.open().toArray())
}

export function packageEntries(manifest: object, files: Readonly<Record<string, string>> = {}): TarEntry[] {
  const { name, version } = manifest as { name: string; version: string }
  const all = {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'index.js': `module.exports = '${name}@${version}'\n`,
    'README.md': `# ${name}\n\nThe fixture ${name}.\n`,
    ...files,
  }
  return Object.entries(all).map(([path, content]) => ({ path: `package/${path}`, content }))
}

/** The file that holds a version on a registry: `widgets-1.0.0.tgz` for `@acme/widgets@1.0.0`. */
export function tarballFile(name: string, version: string): string {
  return `${name.slice(name.lastIndexOf('/') + 1)}-${version}.tgz`
}

function parseSpec(text: string): PackageFields {
  const at = text.lastIndexOf('@')
  return { name: text.slice(0, at), version: text.slice(at + 1) }
}
