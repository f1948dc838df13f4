import type { Reply } from '../../http/call.ts'
import { invalid } from '../../registry/errors.ts'
import type { RepositorySession, SearchHit } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import type { JsonObject } from '../json.ts'
import { objectOf, textOf } from '../json.ts'
import { showPackage } from './names.ts'
import { json } from './replies.ts'
import { isPrerelease } from './versions.ts'

/** Packages per answer when the client does not say, and at most. Source: npm/registry, "REGISTRY-API", search. */
const SIZE_DEFAULT = 20
const SIZE_MAX = 250

/** Packages looked through for what only their manifests tell. Ours. */
const LOOKED_THROUGH_MAX = 5000

/** A search as npm writes it: words, and qualifiers as `keywords:a,b`. */
interface Question {
  /** What the name must hold. */
  readonly text: string
  /** What the manifest must hold; empty for most searches. */
  readonly conditions: readonly Condition[]
}

type Condition = (hit: SearchHit) => boolean

/** `GET /-/v1/search`: of the packages that this repository holds itself. */
export async function search(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const query = new URLSearchParams(call.query)
  const question = readQuestion(query.get('text') ?? '')
  const size = Math.min(readCount(query, 'size', SIZE_DEFAULT), SIZE_MAX)
  const from = readCount(query, 'from', 0)
  const found =
    question.conditions.length === 0
      ? await session.search({ text: question.text, from, size })
      : await lookThrough(session, question, from, size)
  return json(200, { objects: found.packages.map(renderHit), total: found.total, time: new Date().toUTCString() })
}

function readCount(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? ''
  if (text === '') return otherwise
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw invalid(name, text, 'must be a whole number from 0')
}

function readQuestion(text: string): Question {
  const words: string[] = []
  const conditions: Condition[] = []
  for (const part of text.split(/\s+/).filter((word) => word !== '')) {
    const [, qualifier, value = ''] = /^([a-z-]+):(.+)$/.exec(part) ?? []
    if (qualifier === undefined) words.push(part.replace(/^@/, ''))
    else conditions.push(...conditionsOf(qualifier, value))
  }
  return { text: words.join(' '), conditions }
}

/** Source: npm/registry, "REGISTRY-API", special search qualifiers. What it does not know narrows nothing. */
function conditionsOf(qualifier: string, value: string): readonly Condition[] {
  switch (qualifier) {
    case 'scope':
      return [(hit) => hit.name.namespace === value.replace(/^@/, '')]
    case 'keywords':
      return [(hit) => value.split(',').some((one) => one.split('+').every((word) => keywordsOf(hit).includes(word)))]
    case 'author':
      return [(hit) => nameOf(objectOf(hit.document)['author']) === value]
    case 'maintainer':
      return [(hit) => maintainersOf(objectOf(hit.document)).some(({ username }) => username === value)]
    case 'not':
    case 'is':
      return value === 'unstable' ? [(hit) => isUnstable(hit.version) === (qualifier === 'is')] : []
    default:
      return []
  }
}

async function lookThrough(session: RepositorySession, question: Question, from: number, size: number) {
  const found: SearchHit[] = []
  for (let at = 0; at < LOOKED_THROUGH_MAX; at += SIZE_MAX) {
    const page = await session.search({ text: question.text, from: at, size: SIZE_MAX })
    found.push(...page.packages.filter((hit) => question.conditions.every((holds) => holds(hit))))
    if (at + SIZE_MAX >= page.total) break
  }
  return { total: found.length, packages: found.slice(from, from + size) }
}

function renderHit(hit: SearchHit): JsonObject {
  const manifest = objectOf(hit.document)
  const publisher = { username: nameOf(manifest['_npmUser']) ?? '', email: '' }
  return {
    package: {
      name: showPackage(hit.name),
      scope: hit.name.namespace === '' ? 'unscoped' : hit.name.namespace,
      version: hit.version,
      description: textOf(manifest['description']) ?? '',
      keywords: keywordsOf(hit),
      date: new Date(hit.publishedAt).toISOString(),
      links: linksOf(manifest),
      author: { name: nameOf(manifest['author']) },
      publisher,
      maintainers: maintainersOf(manifest),
      license: textOf(manifest['license']),
    },
    score: { final: 1, detail: { quality: 1, popularity: 1, maintenance: 1 } },
    searchScore: 1,
    flags: { unstable: isUnstable(hit.version) },
  }
}

function linksOf(manifest: JsonObject): JsonObject {
  return {
    homepage: textOf(manifest['homepage']),
    repository: textOf(objectOf(manifest['repository'])['url']),
    bugs: textOf(objectOf(manifest['bugs'])['url']),
  }
}

function isUnstable(version: string): boolean {
  return isPrerelease(version) || version.startsWith('0.')
}

function keywordsOf(hit: SearchHit): readonly string[] {
  const keywords = objectOf(hit.document)['keywords']
  return Array.isArray(keywords) ? keywords.filter((word) => typeof word === 'string') : []
}

/** `{name}` or `Name <mail> (address)`. */
function nameOf(person: unknown): string | undefined {
  return textOf(objectOf(person)['name']) ?? textOf(person)?.replace(/\s*[<(].*$/, '')
}

function maintainersOf(manifest: JsonObject): readonly { username: string; email: string }[] {
  const people = Array.isArray(manifest['maintainers']) ? manifest['maintainers'] : [manifest['_npmUser']]
  return people
    .map((person: unknown) => ({ username: nameOf(person) ?? '', email: textOf(objectOf(person)['email']) ?? '' }))
    .filter(({ username }) => username !== '')
}
