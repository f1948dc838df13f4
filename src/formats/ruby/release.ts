import { listOf, type JsonObject, objectOf, textOf, textsOf } from '../json.ts'

/** The document of one version: what is known of each of its gems. Plain data; whatever reads it is total on any JSON. */
export interface Release {
  readonly name: string
  readonly version: string
  /** By asset name. */
  readonly gems: Readonly<Record<string, Gem>>
}

/** One version for one platform. */
export interface Gem {
  readonly platform: string
  /** Where this is from. An index says less than a gem. */
  readonly source: 'gem' | 'index'
  readonly runtime: readonly GemDependency[]
  readonly development: readonly GemDependency[]
  /** What it needs of Ruby and of RubyGems, as `>= 3.0`; empty where anything does. */
  readonly ruby: readonly string[]
  readonly rubygems: readonly string[]
  /** When it was published: ISO 8601 in UTC. */
  readonly createdAt?: string
  /** Taken back by itself, while the version's other gems stand. */
  readonly yanked?: true
  readonly about?: GemAbout
  /** Attestations that came with a push, as JSON. */
  readonly attestations?: readonly unknown[]
}

export interface GemDependency {
  readonly name: string
  /** `~> 2.6`; all of them must hold. */
  readonly requirements: readonly string[]
}

/** What a gem says of itself to people. */
export interface GemAbout {
  readonly summary: string
  readonly description?: string
  readonly authors: readonly string[]
  readonly emails: readonly string[]
  readonly homepage?: string
  readonly licenses: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  /** `2026-01-31` */
  readonly date: string
  readonly rubygemsVersion: string
}

/** Reads a stored document. Never throws. */
export function readRelease(document: unknown): Release {
  const value = objectOf(document)
  const gems = Object.entries(objectOf(value['gems'])).map(([asset, gem]) => [asset, readGem(objectOf(gem))])
  return {
    name: textOf(value['name']) ?? '',
    version: textOf(value['version']) ?? '',
    gems: Object.fromEntries(gems) as Record<string, Gem>,
  }
}

function readGem(value: JsonObject): Gem {
  const createdAt = textOf(value['createdAt'])
  const attestations = listOf(value['attestations'])
  return {
    platform: textOf(value['platform']) ?? 'ruby',
    source: value['source'] === 'gem' ? 'gem' : 'index',
    runtime: readDependencies(value['runtime']),
    development: readDependencies(value['development']),
    ruby: textsOf(value['ruby']),
    rubygems: textsOf(value['rubygems']),
    ...(createdAt !== undefined && { createdAt }),
    ...(value['yanked'] === true && { yanked: true }),
    ...(value['about'] !== undefined && { about: readAbout(objectOf(value['about'])) }),
    ...(attestations.length > 0 && { attestations }),
  }
}

function readDependencies(value: unknown): GemDependency[] {
  return listOf(value).map((item) => {
    const { name, requirements } = objectOf(item)
    return { name: textOf(name) ?? '', requirements: textsOf(requirements) }
  })
}

function readAbout(value: JsonObject): GemAbout {
  const [description, homepage] = [textOf(value['description']), textOf(value['homepage'])]
  const metadata = Object.entries(objectOf(value['metadata'])).filter(([, text]) => typeof text === 'string')
  return {
    summary: textOf(value['summary']) ?? '',
    ...(description !== undefined && { description }),
    authors: textsOf(value['authors']),
    emails: textsOf(value['emails']),
    ...(homepage !== undefined && { homepage }),
    licenses: textsOf(value['licenses']),
    metadata: Object.fromEntries(metadata) as Record<string, string>,
    date: textOf(value['date']) ?? '1980-01-02',
    rubygemsVersion: textOf(value['rubygemsVersion']) ?? '0',
  }
}

/** What a release becomes when another gem of it comes; what a gem says of itself is more than an index does. */
export function mergeReleases(stored: unknown, added: unknown): Release {
  const [old, more] = [readRelease(stored), readRelease(added)]
  const gems = new Map(Object.entries(old.gems))
  for (const [asset, gem] of Object.entries(more.gems)) {
    const known = gems.get(asset)
    if (!known) gems.set(asset, gem)
    else if (known.source === 'index' && gem.source === 'gem') gems.set(asset, enrich(known, gem))
  }
  return { name: old.name || more.name, version: old.version || more.version, gems: Object.fromEntries(gems) }
}

function enrich({ createdAt, yanked }: Gem, gem: Gem): Gem {
  return { ...gem, ...(createdAt !== undefined && { createdAt }), ...(yanked && { yanked }) }
}

/** What an upstream says of a release now: further gems. What is known of a gem is kept, as a gem never changes. */
export function refreshRelease(stored: unknown, current: unknown): Release {
  const [old, now] = [readRelease(stored), readRelease(current)]
  return { name: old.name, version: old.version, gems: { ...now.gems, ...old.gems } }
}
