import { createHash } from 'node:crypto'
import { RegistryError } from '../../registry/errors.ts'
import type { LocatedAsset, OpenedAsset } from '../../registry/session.ts'
import { isWheelName } from './filenames.ts'
import { filesOf } from './release.ts'
import { fetchMetadata } from './upstream.ts'
import { readWheel } from './wheel.ts'

export interface MetadataFile {
  readonly bytes: Buffer
  /** Strong: of the bytes. */
  readonly etag: string
  readonly publishedAt: number
}

/**
 * The METADATA of a wheel: read from the wheel where it is stored, else as its upstream keeps it beside the wheel, so that
 * nobody has to download a wheel to resolve. Source: PEP 658. Throws `missing`.
 */
export async function readMetadata(filename: string, located: LocatedAsset): Promise<MetadataFile> {
  if (!isWheelName(filename)) throw noMetadata(filename)
  const bytes = located.kind === 'stored' ? await readStored(filename, located.opened) : await readOffered(located)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const publishedAt = located.kind === 'stored' ? located.opened.publishedAt : 0
  return { bytes, etag: `"${sha256}"`, publishedAt }
}

async function readStored(filename: string, opened: OpenedAsset): Promise<Buffer> {
  const sizeBytes = opened.sizeBytes ?? 0
  const source = { sizeBytes, open: (start: number, end: number) => opened.read({ start, end: end - 1 }) }
  try {
    return (await readWheel(source, filename, 'lenient')).metadata
  } catch (cause) {
    if (!(cause instanceof RegistryError) || cause.kind !== 'invalid') throw cause
    throw noMetadata(filename, cause)
  }
}

async function readOffered({ source, asset, document }: LocatedAsset & { kind: 'offered' }): Promise<Buffer> {
  const said = filesOf(document)[asset.name]?.coreMetadata
  if (said === undefined) throw noMetadata(asset.name)
  return fetchMetadata(source, asset, said)
}

function noMetadata(filename: string, cause?: unknown): RegistryError {
  return new RegistryError('missing', `there is no metadata for ${filename}`, { cause, resourceType: 'asset' })
}
