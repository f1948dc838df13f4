import { invalid, RegistryError, refused } from '../../registry/errors.ts'
import { isObject, type JsonObject, textsOf } from '../json.ts'

/** Throws `invalid` on what clients could not read. Source: Swift Package Registry Service Specification, appendix B. */
export function parseMetadata(bytes: Buffer): JsonObject {
  const metadata = parseJson(bytes)
  checkTexts(metadata, 'metadata', ['description', 'licenseURL', 'readmeURL', 'originalPublicationTime'])
  checkUrls(metadata['repositoryURLs'])
  const time = metadata['originalPublicationTime']
  if (typeof time === 'string' && Number.isNaN(Date.parse(time))) {
    throw invalid('metadata.originalPublicationTime', time, 'must be a time in the form of ISO 8601')
  }
  const { author } = metadata
  checkPerson(author, 'metadata.author')
  if (isObject(author)) checkPerson(author['organization'], 'metadata.author.organization')
  return metadata
}

function parseJson(bytes: Buffer): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new RegistryError('invalid', "the release's metadata is not JSON", { cause, reason: 'CANNOT_PARSE' })
  }
  if (!isObject(value)) throw refused("the release's metadata is not a JSON object")
  checkDepth(value)
  return value
}

/** Deepest nesting. Ours; the schema has three levels. */
const DEPTH_MAX = 20

function checkDepth(value: JsonObject): void {
  let level: readonly unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) throw refused(`the release's metadata is nested more than ${DEPTH_MAX} times`)
    level = level.flatMap((each): readonly unknown[] => {
      return typeof each === 'object' && each !== null ? Object.values(each) : []
    })
  }
}

function checkTexts(fields: JsonObject, where: string, names: readonly string[]): void {
  for (const name of names) {
    const value = fields[name]
    if (value === undefined || value === null || typeof value === 'string') continue
    throw invalid(`${where}.${name}`, JSON.stringify(value), 'must be text')
  }
}

function checkUrls(value: unknown): void {
  if (value === undefined || value === null) return
  const isTexts = Array.isArray(value) && value.every((each) => typeof each === 'string')
  if (!isTexts) throw invalid('metadata.repositoryURLs', JSON.stringify(value), 'must be a list of texts')
}

/** The author, or the author's organization: both must have a name. */
function checkPerson(value: unknown, where: string): void {
  if (value === undefined || value === null) return
  if (!isObject(value)) throw invalid(where, JSON.stringify(value), 'must be an object')
  checkTexts(value, where, ['name', 'email', 'description', 'url'])
  if (typeof value['name'] !== 'string') throw refused(`${where} must have a name`)
}

/** As clients read it: SwiftPM 6.0 takes no fractions of seconds. */
export function showMetadata(metadata: JsonObject): JsonObject {
  const { originalPublicationTime: time, ...rest } = metadata
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return rest
  return { ...rest, originalPublicationTime: showTime(Date.parse(time)) }
}

/** `time`: ms since 1970. */
export function showTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** The addresses of the package's sources. */
export function repositoriesOf(metadata: JsonObject): string[] {
  return textsOf(metadata['repositoryURLs'])
}
