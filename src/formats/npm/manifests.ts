import type { JsonObject } from '../json.ts'
import type { PackageName } from '../../registry/names.ts'
import type { ViewVersion } from '../../registry/view.ts'
import { countOf, isObject, objectOf, textOf } from '../json.ts'
import { packagePath, showPackage, tarballFile } from './names.ts'
import { ATTESTATIONS_FIELD, attestationsOf, provenanceType } from './provenance.ts'

/** The only asset that a version of npm has. Source: CodeArtifact User Guide, "npm packages". */
export const TARBALL_ASSET = 'package.tgz'

/** The fields of an abbreviated manifest. Source: npm/registry, "package-metadata"; `libc` is what native packages need. */
const abbreviatedFields = [
  'name',
  'version',
  'deprecated',
  'dependencies',
  'acceptDependencies',
  'optionalDependencies',
  'devDependencies',
  'bundleDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bin',
  'directories',
  'dist',
  'engines',
  'cpu',
  'os',
  'libc',
  'funding',
  '_hasShrinkwrap',
  'hasInstallScript',
] as const

/** A version's full manifest, its addresses below `endpoint`. The version's own document stays as it is. */
export function fullManifest(name: PackageName, version: ViewVersion, endpoint: string): JsonObject {
  const document = objectOf(version.document)
  const manifest: Record<string, unknown> = {
    ...document,
    name: showPackage(name),
    version: version.version,
    _id: `${showPackage(name)}@${version.version}`,
    dist: renderDist(name, version, document, endpoint),
  }
  for (const field of ['readme', ATTESTATIONS_FIELD]) if (field in manifest) delete manifest[field]
  if ('deprecated' in manifest && !deprecationOf(document)) delete manifest['deprecated']
  return manifest
}

/** What an installation needs of a version. */
export function abbreviatedManifest(name: PackageName, version: ViewVersion, endpoint: string): JsonObject {
  const document = objectOf(version.document)
  const known: JsonObject = {
    ...document,
    name: showPackage(name),
    version: version.version,
    deprecated: deprecationOf(document),
    bundleDependencies: document['bundleDependencies'] ?? document['bundledDependencies'],
    dist: renderDist(name, version, document, endpoint),
    hasInstallScript: hasInstallScript(document) || undefined,
  }
  const manifest: Record<string, unknown> = {}
  for (const field of abbreviatedFields) if (known[field] !== undefined) manifest[field] = known[field]
  return manifest
}

/** Empty text, `false` and `null` all mean: not deprecated. */
export function deprecationOf(document: unknown): string | undefined {
  return textOf(objectOf(document)['deprecated'])
}

export function hasInstallScript(document: JsonObject): boolean {
  const scripts = objectOf(document['scripts'])
  const isNamed = ['preinstall', 'install', 'postinstall'].some((script) => textOf(scripts[script]) !== undefined)
  return isNamed || document['hasInstallScript'] === true
}

/**
 * Signatures and whatever else the publisher's registry said stay; addresses and what we know better do not. A field that
 * is `undefined` is not written.
 */
function renderDist(name: PackageName, version: ViewVersion, document: JsonObject, endpoint: string): JsonObject {
  const given = objectOf(document['dist'])
  const digests = version.assets.find((asset) => asset.name === TARBALL_ASSET)?.digests ?? {}
  return {
    ...given,
    integrity: textOf(given['integrity']) ?? (digests.sha512 && integrityOf(digests.sha512)),
    shasum: textOf(given['shasum']) ?? digests.sha1,
    tarball: tarballUrl(endpoint, name, version.version),
    fileCount: countOf(given['fileCount']),
    unpackedSize: countOf(given['unpackedSize']),
    attestations: renderAttestations(name, version, given['attestations'], endpoint),
  }
}

/** Only what was published here is believed to have been kept here. */
function renderAttestations(name: PackageName, version: ViewVersion, given: unknown, endpoint: string): unknown {
  const url = attestationsUrl(endpoint, name, version.version)
  if (version.origin.type !== 'INTERNAL') return isObject(given) ? { ...given, url } : undefined
  const predicateType = provenanceType(attestationsOf(version.document))
  return predicateType === undefined ? undefined : { url, provenance: { predicateType } }
}

/** The Subresource Integrity text of a digest in hexadecimal. */
export function integrityOf(sha512Hex: string): string {
  return `sha512-${Buffer.from(sha512Hex, 'hex').toString('base64')}`
}

function tarballUrl(endpoint: string, name: PackageName, version: string): string {
  return `${endpoint}${packagePath(name)}/-/${encodeURIComponent(tarballFile(name, version))}`
}

function attestationsUrl(endpoint: string, name: PackageName, version: string): string {
  return `${endpoint}-/npm/v1/attestations/${packagePath(name)}@${encodeURIComponent(version)}`
}
