import type { PackageName } from '../../registry/names.ts'
import type {
  UpstreamAsset,
  UpstreamIndex,
  UpstreamPackage,
  UpstreamReader,
  UpstreamResponse,
  UpstreamSource,
  UpstreamVersion,
  Validators,
} from '../../registry/upstream.ts'
import { listOf, objectOf, textOf, textsOf } from '../json.ts'
import { requestAsset } from '../upstream-answers.ts'
import { packageFile } from './names.ts'
import { type UpstreamLeaf } from './upstream-entry.ts'
import { readFlatList, readRegistration, type UpstreamDocument } from './upstream-index.ts'
import { forgetResources, type Resources, resourcesOf } from './upstream-resources.ts'
import { readUpstreamVulnerabilities } from './upstream-vulnerabilities.ts'
import { keyOfVersion } from './versions.ts'
import { vulnerabilityRules } from './vulnerabilities.ts'

/** Another V3 repository, as the public gallery. Its addresses are its own affair: they are read from its service index. */
export const nugetUpstream: UpstreamReader = { readIndex, parsePackage, openAsset }

async function readIndex(
  source: UpstreamSource,
  name: PackageName,
  seen: Validators | undefined,
  kept?: Buffer,
): Promise<UpstreamIndex> {
  const isAboutAll = name.name.startsWith('.')
  if (isAboutAll && name.name !== vulnerabilityRules.outside.name) return { kind: 'missing' }
  const resources = await resourcesOf(source)
  try {
    if (isAboutAll) return await readUpstreamVulnerabilities(source, resources.vulnerabilities, seen, kept)
    return await readFrom(source, resources, name, seen, kept)
  } catch (error) {
    forgetResources(source)
    throw error
  }
}

async function readFrom(
  source: UpstreamSource,
  { registrations, flatContainer }: Resources,
  name: PackageName,
  seen: Validators | undefined,
  kept: Buffer | undefined,
): Promise<UpstreamIndex> {
  const before = kept && seen ? (JSON.parse(kept.toString('utf8')) as UpstreamDocument) : undefined
  const tags = before ? (seen?.etag ?? '').split('\n') : []
  const [list, registration] = await Promise.all([
    flatContainer === undefined ? undefined : readFlatList(source, flatContainer, name, before, tags[0]),
    registrations === undefined ? undefined : readRegistration(source, registrations, name, before, tags[1]),
  ])
  if (list?.kind === 'missing' || (!list && registration?.kind === 'missing')) return { kind: 'missing' }
  const parts = [list, registration].filter((part) => part !== undefined)
  if (before && parts.every((part) => part.kind === 'unchanged')) return { kind: 'unchanged' }
  const document: UpstreamDocument = {
    flatContainer,
    versions: list?.content,
    pages: registration?.kind === 'missing' ? [] : (registration?.content ?? []),
  }
  const etag = [list?.etag ?? '', registration?.etag ?? ''].join('\n')
  const validators = etag.trim() === '' ? {} : { etag }
  return { kind: 'changed', document: Buffer.from(JSON.stringify(document)), validators }
}

/** What exists, the list of the flat container says where there is one; what is said of it, the registration. */
function parsePackage(document: Buffer, name: PackageName): UpstreamPackage {
  if (name.name === vulnerabilityRules.outside.name) return { versions: new Map(), tags: new Map(), document }
  const read = objectOf(JSON.parse(document.toString('utf8')))
  const leaves = new Map<string, UpstreamLeaf>()
  for (const page of listOf(read['pages'])) {
    for (const leaf of listOf(objectOf(page)['leaves'])) {
      const known = leaf as UpstreamLeaf
      if (!leaves.has(known.version)) leaves.set(known.version, known)
    }
  }
  const listed = Array.isArray(read['versions']) ? textsOf(read['versions']) : [...leaves.keys()]
  const versions = new Map<string, UpstreamVersion>()
  for (const text of listed) {
    const version = keyOfVersion(text)
    const found =
      version === undefined ? undefined : offer(name, version, leaves.get(version), textOf(read['flatContainer']))
    if (found && !versions.has(found.version)) versions.set(found.version, found)
  }
  return { versions, tags: new Map(), document: undefined }
}

/** Undefined for what cannot be downloaded anywhere. */
function offer(
  name: PackageName,
  version: string,
  leaf: UpstreamLeaf | undefined,
  flatContainer: string | undefined,
): UpstreamVersion | undefined {
  const file = packageFile(name, version)
  const url = flatContainer === undefined ? leaf?.packageContent : `${flatContainer}${name.name}/${version}/${file}`
  if (url === undefined) return undefined
  const published = Date.parse(leaf?.published ?? '')
  return {
    version,
    publishedAt: Number.isNaN(published) ? undefined : published,
    document: leaf?.entry ?? {},
    assets: [{ name: file, url, digests: {} }],
  }
}

function openAsset(source: UpstreamSource, asset: UpstreamAsset): Promise<UpstreamResponse> {
  return requestAsset(source, asset.url, asset.name)
}
