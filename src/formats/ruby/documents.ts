import { createHash } from 'node:crypto'
import { RegistryError } from '../../registry/errors.ts'
import type { Catalogue, CatalogueRules } from '../../registry/catalogue.ts'
import type { RenderedIndex } from '../../registry/session.ts'
import type { PackageView, ViewAsset, ViewVersion } from '../../registry/view.ts'
import { HEAD_END, linesOf, readVersions, renderInfoLine, renderVersionsLine } from './compact-index.ts'
import { marshalTuple, renderGemspec } from './gem-marshal.ts'
import { marshalArray, marshalArrayHead, type Marshalled } from './marshal.ts'
import { assetName, type GemName, numberOf, parseNumber } from './names.ts'
import { type Gem, readRelease } from './release.ts'
import { compareVersions, isPrerelease } from './versions.ts'

export const TEXT_TYPE = 'text/plain; charset=utf-8'

/** A gem that a client may see. */
export interface ListedGem {
  readonly name: GemName
  readonly gem: Gem
  readonly asset: ViewAsset
  readonly version: ViewVersion
}

/** The gems of all Published versions, but for those that were taken back by themselves; by version. */
export function listedGems(view: PackageView): ListedGem[] {
  return view.versions
    .filter(({ status }) => status === 'Published')
    .flatMap((version) => {
      const { gems } = readRelease(version.document)
      return [...version.assets].sort(byPlatform).flatMap((asset) => {
        const gem = gems[asset.name]
        if (!gem || gem.yanked) return []
        return { name: { name: view.name.name, version: version.version, platform: gem.platform }, gem, asset, version }
      })
    })
}

/** By name, but the gem for every platform before others: the dot that ends its name sorts behind their dash. */
function byPlatform(left: ViewAsset, right: ViewAsset): number {
  const [one, other] = [left.name.replace(/\.gem$/, ''), right.name.replace(/\.gem$/, '')]
  return one < other ? -1 : one > other ? 1 : 0
}

/** `info/{gem}`, the oldest first, so that what is new stands at the end. */
export function renderInfo(view: PackageView): RenderedIndex {
  const lines = listedGems(view).map((listed) => ({ at: createdAt(listed), text: infoLine(listed) }))
  // Stable: what came at the same time stays in the order of versions.
  lines.sort((left, right) => timeOf(left.at) - timeOf(right.at))
  return { contentType: TEXT_TYPE, body: HEAD_END + lines.map(({ text }) => text).join('') }
}

function infoLine(listed: ListedGem): string {
  return renderInfoLine(listed.name, listed.gem, listed.asset.digests.sha256, createdAt(listed))
}

/** To the second. Never a time of ours for what came from outside: clients choose by it. */
export function createdAt({ gem, version }: ListedGem): string | undefined {
  if (gem.createdAt !== undefined) return gem.createdAt
  if (version.origin.type !== 'INTERNAL') return undefined
  return new Date(version.publishedAt).toISOString().replace(/\.\d+Z$/, 'Z')
}

function timeOf(at: string | undefined): number {
  return at === undefined ? 0 : Date.parse(at)
}

/** `versions`, to which a line is added with each change. */
export const catalogueRules: CatalogueRules = {
  outside: { format: 'ruby', namespace: '-', name: 'versions' },
  head: `created_at: 2026-01-01T00:00:00Z\n${HEAD_END}`,
  describe: (view) => ({
    items: listedGems(view).map(({ name }) => numberOf(name)),
    digest: createHash('md5').update(renderInfo(view).body).digest('hex'),
  }),
  renderChange(name, before, after) {
    const [old, now] = [new Set(before.items), new Set(after.items)]
    const added = after.items.filter((number) => !old.has(number))
    const gone = before.items.filter((number) => !now.has(number))
    // A line must name a gem, also where only what is said of it has changed.
    const named = added.length + gone.length > 0 ? added : after.items.slice(-1)
    return renderVersionsLine(name.name, named, gone, after.digest)
  },
  readLines: (outside) => (Buffer.isBuffer(outside) ? linesOf(outside) : Buffer.alloc(0)),
}

/** What a gem that nobody has is answered with. */
export function missingGem(name: string): RegistryError {
  const details = { resourceType: 'package', resourceId: name } as const
  return new RegistryError('missing', `This rubygem could not be found: ${name}`, details)
}

/** `names`, sorted. */
export function renderNames(catalogue: Catalogue): string {
  const names = [...readVersions(catalogue.body.toString('utf8'))].filter(([, numbers]) => numbers.size > 0)
  const sorted = names.map(([name]) => name).sort()
  return `${HEAD_END}${sorted.map((name) => `${name}\n`).join('')}`
}

/** The lists that RubyGems had before the compact index. */
export type SpecList = 'specs' | 'latest_specs' | 'prerelease_specs'

/** Entries at a time, so that other requests are answered in between. Ours. */
const ENTRIES_AT_ONCE = 2_000

/** A Marshal stream in pieces. Source: rubygems lib/rubygems/indexer.rb. */
export function* renderSpecList(catalogue: Catalogue, list: SpecList): Generator<Buffer> {
  const gems = selectGems(catalogue.body.toString('utf8'), list)
  yield Buffer.concat([Buffer.from([4, 8]), marshalArrayHead(gems.length)])
  for (let start = 0; start < gems.length; start += ENTRIES_AT_ONCE) {
    yield Buffer.concat(gems.slice(start, start + ENTRIES_AT_ONCE).map(marshalTuple))
  }
}

function selectGems(versions: string, list: SpecList): GemName[] {
  return [...readVersions(versions)].flatMap(([name, numbers]) => {
    const gems = [...numbers].flatMap((number) => {
      const parsed = parseNumber(number)
      return parsed ? { name, ...parsed } : []
    })
    const wanted = gems.filter(({ version }) => isPrerelease(version) === (list === 'prerelease_specs'))
    return list === 'latest_specs' ? latest(wanted) : wanted
  })
}

/** The highest version for each platform. */
function latest(gems: readonly GemName[]): GemName[] {
  const highest = new Map<string, GemName>()
  for (const gem of gems) {
    const known = highest.get(gem.platform)
    if (!known || compareVersions(gem.version, known.version) > 0) highest.set(gem.platform, gem)
  }
  return [...highest.values()]
}

/** What the quick index says of a gem. */
export function renderQuickSpec({ name, gem }: Pick<ListedGem, 'name' | 'gem'>): Buffer {
  return renderGemspec(name, gem)
}

/** All that the dependency API says. */
export function renderDependencies(entries: readonly Marshalled[]): Buffer {
  return Buffer.concat([Buffer.from([4, 8]), marshalArray(entries)])
}

/** The listed gem that is called so. */
export function findListed(view: PackageView, wanted: GemName): ListedGem | undefined {
  return listedGems(view).find(({ asset }) => asset.name === assetName(wanted))
}
