import { isObject, objectOf, textOf, textsOf, type JsonObject } from '../json.ts'
import { readTags, type StartTag } from './html.ts'
import { isSafeFilename } from './filenames.ts'

/** What somebody else's page says of a project, whichever of its forms it had. Plain data: it is kept as JSON. */
export interface SimplePage {
  readonly status?: { readonly status: string; readonly reason?: string }
  /** As the index spells them; empty where it does not list them. */
  readonly versions: readonly string[]
  readonly files: readonly SimpleFile[]
}

export interface SimpleFile {
  readonly filename: string
  /** Absolute, without the fragment. */
  readonly url: string
  readonly digests: Readonly<Record<string, string>>
  readonly requiresPython?: string
  readonly coreMetadata?: { readonly sha256: string } | true
  readonly yanked?: string | true
  readonly sizeBytes?: number
  readonly uploadTime?: string
  readonly provenance?: string
}

/** Hexadecimal digits of the digests that can be checked. */
const digestLengths: Readonly<Record<string, number>> = { sha512: 128, sha256: 64, sha1: 40, md5: 32 }

/** Throws on what is neither JSON of this API nor HTML; files that make no sense are left out. */
export function parseSimplePage(body: Buffer, contentType: string, base: URL): SimplePage {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type.endsWith('json')) return parseJsonPage(JSON.parse(body.toString('utf8')), base)
  if (type.includes('html') || type === '') return parseHtmlPage(body.toString('utf8'), base)
  throw new TypeError(`a page of type ${type.slice(0, 100)} is no index`)
}

/** Source: PyPA specification, "Simple repository API". */
function parseJsonPage(value: unknown, base: URL): SimplePage {
  const page = objectOf(value)
  const [major] = (textOf(objectOf(page['meta'])['api-version']) ?? '').split('.')
  if (!isObject(value) || !Array.isArray(page['files']) || major !== '1') throw new TypeError('it is no page of API 1')
  const status = objectOf(page['project-status'])
  const files = page['files'].flatMap((file: unknown) => (isObject(file) ? (parseJsonFile(file, base) ?? []) : []))
  return assemble(textOf(status['status']), textOf(status['reason']), textsOf(page['versions']), files)
}

/** What is quarantined may be listed by nobody. Source: PEP 792. */
function assemble(
  status: string | undefined,
  reason: string | undefined,
  versions: readonly string[],
  files: readonly SimpleFile[],
): SimplePage {
  return {
    ...(status !== undefined && { status: { status, ...(reason !== undefined && { reason }) } }),
    versions,
    files: status === 'quarantined' ? [] : files,
  }
}

function parseJsonFile(file: JsonObject, base: URL): SimpleFile | undefined {
  const [address, filename] = [textOf(file['url']), textOf(file['filename'])]
  const url = address === undefined ? null : URL.parse(address, base)
  if (!url || filename === undefined || !isSafeFilename(filename)) return undefined
  const hashes = Object.entries(objectOf(file['hashes']))
  const size = file['size']
  const yanked = file['yanked']
  return described(filename, withoutFragment(url), {
    digests: digestsOf([...hashes, ...fragmentDigests(url)]),
    requiresPython: textOf(file['requires-python']),
    coreMetadata: metadataOf(file['core-metadata'] ?? file['dist-info-metadata'] ?? file['data-dist-info-metadata']),
    yanked: yanked === true ? true : textOf(yanked),
    sizeBytes: typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
    uploadTime: timeOf(file['upload-time']),
    provenance: textOf(file['provenance']),
  })
}

function parseHtmlPage(html: string, base: URL): SimplePage {
  const files: SimpleFile[] = []
  const metas = new Map<string, string>()
  let at = base
  for (const tag of readTags(html)) {
    const { name, attributes } = tag
    if (name === 'base') at = URL.parse(attributes.get('href') ?? '', base) ?? at
    if (name === 'meta') metas.set(attributes.get('name') ?? '', attributes.get('content') ?? '')
    const file = name === 'a' ? parseAnchor(tag, at) : undefined
    if (file) files.push(file)
  }
  const [major = '1'] = (metas.get('pypi:repository-version') ?? '1.0').split('.')
  if (major !== '1') throw new TypeError('it is no page of API 1')
  return assemble(metas.get('pypi:project-status'), metas.get('pypi:project-status-reason'), [], files)
}

/** The last part of the address is the file's name, whatever the text says. Source: pip. */
function parseAnchor({ attributes }: StartTag, base: URL): SimpleFile | undefined {
  const url = URL.parse(attributes.get('href') ?? '', base)
  const filename = url && lastSegment(url)
  if (!url || !filename || !isSafeFilename(filename)) return undefined
  const yanked = attributes.get('data-yanked')
  const metadata = attributes.get('data-core-metadata') ?? attributes.get('data-dist-info-metadata')
  const [, sha256] = /^sha256=([0-9a-fA-F]{64})$/.exec(metadata ?? '') ?? []
  const size = attributes.get('data-size') ?? ''
  return described(filename, withoutFragment(url), {
    digests: digestsOf(fragmentDigests(url)),
    requiresPython: textOf(attributes.get('data-requires-python')),
    coreMetadata: metadataOf(sha256 === undefined ? metadata === 'true' : { sha256 }),
    yanked: yanked === '' ? true : yanked,
    sizeBytes: /^\d{1,15}$/.test(size) ? Number(size) : undefined,
    uploadTime: timeOf(attributes.get('data-upload-time')),
    provenance: textOf(attributes.get('data-provenance')),
  })
}

type Described = { readonly [Field in Exclude<keyof SimpleFile, 'filename' | 'url'>]: SimpleFile[Field] | undefined }

/** Without the fields of which nothing is known. */
function described(filename: string, url: string, { digests = {}, ...known }: Described): SimpleFile {
  const said = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
  return { filename, url, digests, ...said }
}

function withoutFragment(url: URL): string {
  const plain = new URL(url)
  plain.hash = ''
  return plain.href
}

function lastSegment(url: URL): string | undefined {
  try {
    return decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1))
  } catch {
    return undefined
  }
}

/** `#sha256=…`, with other things after a `&`. */
function fragmentDigests(url: URL): [string, string][] {
  return url.hash
    .slice(1)
    .split('&')
    .flatMap((part): [string, string][] => {
      const [name = '', value] = part.split('=', 2)
      return value === undefined ? [] : [[name, value]]
    })
}

function digestsOf(entries: readonly (readonly [string, unknown])[]): Record<string, string> {
  const digests: Record<string, string> = {}
  for (const [name, value] of entries) {
    const hex = textOf(value)?.toLowerCase()
    if (hex?.length === digestLengths[name] && /^[0-9a-f]+$/.test(hex ?? '')) digests[name] ??= hex ?? ''
  }
  return digests
}

function metadataOf(value: unknown): SimpleFile['coreMetadata'] {
  if (value === true) return true
  const sha256 = textOf(objectOf(value)['sha256'])?.toLowerCase()
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return { sha256 }
  return isObject(value) && Object.keys(value).length > 0 ? true : undefined
}

function timeOf(value: unknown): string | undefined {
  const text = textOf(value)
  return text !== undefined && /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
}
