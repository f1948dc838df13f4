import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { AssetSource, Inspection } from '../../registry/format.ts'
import { objectOf, textOf } from '../json.ts'
import { type GemData, readGemData } from './gem-data.ts'
import { assetName } from './names.ts'
import type { Release } from './release.ts'
import { readSpecification, type Specification } from './specification.ts'
import { type ByteSource, readPart, type TarFile, walkTar } from './tar-walk.ts'

const unpack = promisify(gunzip)

/** Largest metadata, and largest list of checksums, unpacked. Unit: bytes. Source: rubygems lib/rubygems/package.rb. */
const METADATA_BYTES_MAX = 10 * 1024 * 1024

/** Largest signature. Unit: bytes. Source: the same. */
const SIGNATURE_BYTES_MAX = 1024 * 1024

/** What a gem says of itself. */
export interface GemContents extends Specification {
  readonly readme: string | undefined
}

/** As the registry asks for it; undefined for what is no gem. Throws `invalid`. */
export async function inspect(asset: AssetSource): Promise<Inspection | undefined> {
  if (!asset.name.endsWith('.gem')) return undefined
  const contents = await readGemFile(asset)
  return { document: releaseOf(contents), readme: contents.readme }
}

/** The document of a version that has this gem only. */
export function releaseOf({ gem, content }: Specification): Release {
  return { name: gem.name, version: gem.version, gems: { [assetName(gem)]: content } }
}

/** Reads a gem, trusting nothing in it. Throws `invalid`. Source: rubygems lib/rubygems/package.rb. */
export async function readGemFile(source: ByteSource): Promise<GemContents> {
  const files = byName(await walkTar(source))
  const data = files.get('data.tar.gz')
  if (!data) throw refused('the gem holds no data.tar.gz')
  const metadataFile = files.get('metadata.gz')
  if (!metadataFile) throw refused('the gem holds no metadata.gz')
  const packed = await readSmall(source, metadataFile, METADATA_BYTES_MAX)
  const contents = await readGemData(source, data)
  await checkChecksums(source, files.get('checksums.yaml.gz'), packed, contents)
  const text = decode(await unpackSmall(packed, 'metadata.gz'), 'metadata.gz')
  // Its library is not needed before a gem is read.
  const { parseYaml } = await import('./yaml.ts')
  return { ...readSpecification(parseYaml(text, 'metadata.gz')), readme: contents.readme }
}

function byName(files: readonly TarFile[]): ReadonlyMap<string, TarFile> {
  const found = new Map<string, TarFile>()
  for (const file of files) {
    const isSignature = /^(?:metadata\.gz|data\.tar\.gz|checksums\.yaml\.gz)\.sig$/.test(file.name)
    const isKnown = isSignature || /^(?:metadata\.gz|data\.tar\.gz|checksums\.yaml\.gz)$/.test(file.name)
    if (!isKnown) throw refused(`the gem's archive holds '${file.name}', which no gem does`)
    if (found.has(file.name)) throw refused(`the gem's archive holds ${file.name} twice`)
    if (isSignature && file.sizeBytes > SIGNATURE_BYTES_MAX) throw refused(`${file.name} is larger than a signature`)
    found.set(file.name, file)
  }
  return found
}

async function readSmall(source: ByteSource, file: TarFile, limitBytes: number): Promise<Buffer> {
  if (file.sizeBytes > limitBytes) throw refused(`${file.name} is larger than ${limitBytes} bytes`)
  return readPart(source, file.startAt, file.sizeBytes)
}

/** Throws when it unpacks to more than such a file may. */
async function unpackSmall(bytes: Buffer, name: string): Promise<Buffer> {
  try {
    return await unpack(bytes, { maxOutputLength: METADATA_BYTES_MAX })
  } catch (error) {
    if (!isGzipError(error)) throw error
    throw new RegistryError('invalid', `${name} cannot be unpacked: ${error.message}`, {
      cause: error,
      reason: 'OTHER',
    })
  }
}

function isGzipError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refused(`${name} is not UTF-8 text`)
  }
}

/** Gems from before 2013 have none. */
async function checkChecksums(
  source: ByteSource,
  file: TarFile | undefined,
  metadata: Buffer,
  data: GemData,
): Promise<void> {
  if (!file) return
  const packed = await readSmall(source, file, METADATA_BYTES_MAX)
  const { parseYaml } = await import('./yaml.ts')
  const told = objectOf(parseYaml(decode(await unpackSmall(packed, file.name), file.name), file.name))
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const digests = objectOf(told[algorithm.toUpperCase()])
    const found = {
      'metadata.gz': createHash(algorithm).update(metadata).digest('hex'),
      'data.tar.gz': data[algorithm],
    }
    for (const [name, digest] of Object.entries(found)) {
      const expected = textOf(digests[name])
      if (expected === undefined || expected.toLowerCase() === digest) continue
      throw refused(`the ${algorithm} of ${name} is ${digest}, and checksums.yaml.gz says ${expected.slice(0, 128)}`)
    }
  }
}
