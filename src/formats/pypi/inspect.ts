import { refused } from '../../registry/errors.ts'
import type { AssetSource, Inspection } from '../../registry/format.ts'
import { createHash } from 'node:crypto'
import { type CoreMetadata, fieldOf, fieldsOf, parseCoreMetadata } from './core-metadata.ts'
import type { Release } from './release.ts'
import { readSdist } from './sdist.ts'
import { readWheel } from './wheel.ts'
import type { ZipRules } from '../zip.ts'
import type { ByteSource } from '../zip-reader.ts'

/** Largest part of METADATA before the description. Unit: bytes. Ours. */
const FIELDS_BYTES_MAX = 2 * 1024 * 1024

/** What a distribution says of itself. */
export interface Distribution {
  readonly kind: 'wheel' | 'sdist'
  readonly metadata: CoreMetadata
  /** Of the METADATA file's bytes, as installers check them; a wheel's only. */
  readonly metadataSha256: string | undefined
}

/** As the registry asks for it; undefined for what is neither wheel nor sdist. Throws `invalid`. */
export async function inspect(asset: AssetSource): Promise<Inspection | undefined> {
  if (!/\.(?:whl|tar\.gz|zip)$/.test(asset.name)) return undefined
  const distribution = await readDistribution(asset, 'lenient')
  return { document: releaseOf(distribution), readme: distribution.metadata.description }
}

/** Reads a wheel or an sdist, trusting nothing in it. Throws `invalid`; by the strict rules, on what can be read in two ways. */
export async function readDistribution(asset: AssetSource, rules: ZipRules): Promise<Distribution> {
  const source: ByteSource = { sizeBytes: asset.sizeBytes, open: (start) => asset.open(start) }
  return asset.name.endsWith('.whl') ? readWheelFile(asset, source, rules) : readSdistFile(asset, source)
}

async function readWheelFile(asset: AssetSource, source: ByteSource, rules: ZipRules): Promise<Distribution> {
  const wheel = await readWheel(source, asset.name, rules)
  const metadata = parse(wheel.metadata)
  checkLicenseFiles(metadata, (path) => wheel.distInfo.has(`licenses/${path}`))
  return { kind: 'wheel', metadata, metadataSha256: createHash('sha256').update(wheel.metadata).digest('hex') }
}

async function readSdistFile(asset: AssetSource, source: ByteSource): Promise<Distribution> {
  const sdist = await readSdist(asset, source)
  const metadata = parse(sdist.metadata)
  checkLicenseFiles(metadata, (path) => sdist.files.has(path))
  return { kind: 'sdist', metadata, metadataSha256: undefined }
}

function parse(bytes: Buffer): CoreMetadata {
  const metadata = parseCoreMetadata(bytes)
  const sizeBytes = Buffer.byteLength(JSON.stringify(metadata.fields))
  if (sizeBytes > FIELDS_BYTES_MAX) throw refused(`the metadata's fields have more than ${FIELDS_BYTES_MAX} bytes`)
  return metadata
}

/** Only since metadata 2.4 does the field have a meaning. Source: PEP 639. */
function checkLicenseFiles(metadata: CoreMetadata, isThere: (path: string) => boolean): void {
  const [, minor = '0'] = /^2\.(\d+)$/.exec(fieldOf(metadata, 'metadata-version') ?? '') ?? []
  if (Number(minor) < 4) return
  const lacking = fieldsOf(metadata, 'license-file').find((path) => !isThere(path))
  if (lacking !== undefined) throw refused(`License-File '${lacking.slice(0, 100)}' is not in the archive`)
}

/** The document of a version that has this file only; what an index says of the file is added by who knows it. */
export function releaseOf({ kind, metadata }: Distribution): Release {
  const name = fieldOf(metadata, 'name') ?? ''
  return { name, version: fieldOf(metadata, 'version') ?? '', source: kind, fields: metadata.fields, files: {} }
}
