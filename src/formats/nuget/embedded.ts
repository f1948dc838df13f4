import { createHash } from 'node:crypto'
import { RegistryError } from '../../registry/errors.ts'
import type { LocatedAsset, OpenedAsset } from '../../registry/session.ts'
import type { ByteSource } from '../zip-reader.ts'
import { readNuspec } from './nuspec.ts'
import { openPackage, SHOWN_FILE_BYTES_MAX } from './package-archive.ts'

/** What may be asked for beside a package, and the type of it where the file itself does not say. */
const kinds: Readonly<Record<string, string>> = {
  nuspec: 'application/xml',
  icon: 'application/octet-stream',
  license: 'text/plain; charset=utf-8',
  readme: 'text/markdown; charset=utf-8',
}

/** Read from the stored package; of one that is not stored, what its upstream shows in the same folder. Throws `missing`. */
export async function readEmbedded(
  file: string,
  located: LocatedAsset,
): Promise<[OpenedAsset, Record<string, string>]> {
  const kind = file.endsWith('.nuspec') ? 'nuspec' : file
  const type = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (type === undefined) throw noFile(file)
  const bytes =
    located.kind === 'stored' ? await readStored(kind, located.opened) : await readOffered(kind, file, located)
  const opened: OpenedAsset = {
    asset: { name: file },
    sizeBytes: bytes.length,
    etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    publishedAt: located.kind === 'stored' ? located.opened.publishedAt : 0,
    read: async (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  }
  const headers = { 'Content-Type': kind === 'icon' ? imageType(bytes) : type, 'X-Content-Type-Options': 'nosniff' }
  return [opened, headers]
}

function noFile(file: string): RegistryError {
  const message = `there is no file '${file.slice(0, 100)}' beside a package: its .nupkg, .nuspec, icon, license or readme`
  return new RegistryError('missing', message, { resourceType: 'asset' })
}

async function readStored(kind: string, opened: OpenedAsset): Promise<Buffer> {
  const archive = await openPackage(await sourceOf(opened), 'lenient')
  if (kind === 'nuspec') return archive.nuspec
  const path = readNuspec(archive.nuspec, 'lenient')[kind as 'icon' | 'license' | 'readme']
  if (path === undefined) throw noFile(kind)
  return archive.read(path)
}

/** A stored package, to be opened. */
export async function sourceOf(opened: OpenedAsset): Promise<ByteSource> {
  const { sizeBytes } = opened
  if (sizeBytes === undefined) throw new Error('a stored asset has a size')
  return { sizeBytes, open: async (start, end) => opened.read({ start, end: Math.min(end, sizeBytes) - 1 }) }
}

/** Every such file of a package stands in one folder. Source: the public gallery's practice. */
async function readOffered(
  kind: string,
  file: string,
  { source, asset }: LocatedAsset & { readonly kind: 'offered' },
): Promise<Buffer> {
  const name = kind === 'nuspec' ? file : kind
  const response = await source.request({ url: new URL(name, asset.url), headers: { 'accept-encoding': 'identity' } })
  if (response.status === 200) return response.bytes(SHOWN_FILE_BYTES_MAX)
  response.body.destroy()
  throw noFile(file)
}

/** By its first bytes; anything else is nothing that a browser should show. Source: the public gallery, which takes these two. */
function imageType(bytes: Buffer): string {
  if (bytes.subarray(0, 4).toString('latin1') === '\x89PNG') return 'image/png'
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? 'image/jpeg' : 'application/octet-stream'
}
