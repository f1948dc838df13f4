import type { Reply } from '../../http/call.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { createdAt, type ListedGem, listedGems, missingGem } from './documents.ts'
import { joinRequirements } from './gem-marshal.ts'
import { assetName, parsePackage, readFullName } from './names.ts'
import type { Gem } from './release.ts'
import { compareVersions, isPrerelease } from './versions.ts'
import { parsePackageRead, viewOrNothing } from './reads.ts'

/** What bots and editors read. Source: rubygems.org guides, "RubyGems.org API". */

/** Gems on one page of a search. Source: the same. */
const PAGE_SIZE = 30

/** Links that a gem's metadata may hold. Source: the same. */
const links = [
  'wiki_uri',
  'documentation_uri',
  'mailing_list_uri',
  'source_code_uri',
  'bug_tracker_uri',
  'changelog_uri',
  'funding_uri',
] as const

/** `GET api/v1/gems/{name}.json` */
export async function readGemJson(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const gems = await gemsOf(call, session)
  return json(describe(newest(gems), call.endpoint))
}

/** `GET api/v1/versions/{name}.json` */
export async function readVersionsJson(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const gems = await gemsOf(call, session)
  return json(gems.toReversed().map((listed) => describeVersion(listed)))
}

/** `GET api/v1/versions/{name}/latest.json`; a gem that is not there has an unknown version. */
export async function readLatestJson(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const view = await viewOrNothing(session, call.params['name'] ?? '')
  const gems = view ? listedGems(view) : []
  return json({ version: gems.length === 0 ? 'unknown' : newest(gems).name.version })
}

/** `GET api/v2/rubygems/{name}/versions/{version}.json` */
export async function readVersionJson(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const name = call.params['name'] ?? ''
  const version = withoutSuffix(call.params['file'] ?? '')
  const platform = new URLSearchParams(call.query).get('platform') ?? 'ruby'
  const view = await session.view(parsePackageRead(name, session))
  const gems = listedGems(view).filter((listed) => listed.name.version === version)
  const found = gems.find((listed) => listed.name.platform === platform) ?? gems[0]
  if (!found) throw missingGem(`${name} (${version})`)
  return json({ ...describe(found, call.endpoint), ...describeVersion(found) })
}

/** `GET api/v1/search.json` */
export async function searchJson(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const query = new URLSearchParams(call.query)
  const page = Math.max(1, Math.min(Number.parseInt(query.get('page') ?? '1', 10) || 1, 10_000))
  const text = query.get('query') ?? ''
  const found = await session.search({ text, from: (page - 1) * PAGE_SIZE, size: PAGE_SIZE })
  const views = await Promise.all(found.packages.map(({ name }) => viewOrNothing(session, name.name)))
  const gems = views.flatMap((view) => {
    const listed = view ? listedGems(view) : []
    return listed.length === 0 ? [] : describe(newest(listed), call.endpoint)
  })
  return json(gems)
}

/** `GET api/v1/attestations/{full}.json` */
export async function readAttestations(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  for (const gem of readFullName(withoutSuffix(call.params['file'] ?? ''))) {
    const view = await viewOrNothing(session, gem.name)
    const found = view && listedGems(view).find(({ asset }) => asset.name === assetName(gem))
    if (found) return json(found.gem.attestations ?? [])
  }
  return json([])
}

async function gemsOf(call: PackageCall, session: RepositorySession): Promise<ListedGem[]> {
  const name = withoutSuffix(call.params['file'] ?? '')
  const view: PackageView = await session.view(parsePackageRead(name, session))
  const gems = listedGems(view)
  if (gems.length === 0) throw missingGem(name)
  return gems
}

function withoutSuffix(file: string): string {
  return file.replace(/\.json$/, '')
}

/** A release before a pre-release, the gem for every platform before others. */
function newest(gems: readonly ListedGem[]): ListedGem {
  const rank = ({ name }: ListedGem) => (isPrerelease(name.version) ? 0 : 1)
  const isRuby = ({ name }: ListedGem) => (name.platform === 'ruby' ? 1 : 0)
  return gems.reduce((best, next) => {
    const order =
      rank(next) - rank(best) || compareVersions(next.name.version, best.name.version) || isRuby(next) - isRuby(best)
    return order > 0 ? next : best
  })
}

function describe(listed: ListedGem, endpoint: string): Record<string, unknown> {
  const { name, gem, asset } = listed
  const { about } = gem
  return {
    name: name.name,
    downloads: 0,
    version: name.version,
    version_created_at: timeOf(listed),
    version_downloads: 0,
    platform: name.platform,
    authors: (about?.authors ?? []).join(', '),
    info: about?.description ?? about?.summary ?? '',
    licenses: about?.licenses ?? [],
    metadata: about?.metadata ?? {},
    yanked: false,
    sha: asset.digests.sha256 ?? null,
    spec_sha: null,
    project_uri: endpoint,
    gem_uri: `${endpoint}gems/${encodeURIComponent(asset.name)}`,
    homepage_uri: about?.homepage ?? about?.metadata['homepage_uri'] ?? null,
    ...Object.fromEntries(links.map((link) => [link, about?.metadata[link] ?? null])),
    dependencies: { development: gem.development.map(dependency), runtime: gem.runtime.map(dependency) },
  }
}

function describeVersion(listed: ListedGem): Record<string, unknown> {
  const { name, gem, asset } = listed
  const { about } = gem
  return {
    authors: (about?.authors ?? []).join(', '),
    built_at: about === undefined ? null : `${about.date}T00:00:00.000Z`,
    created_at: timeOf(listed),
    description: about?.description ?? '',
    downloads_count: 0,
    metadata: about?.metadata ?? {},
    number: name.version,
    summary: about?.summary ?? '',
    platform: name.platform,
    rubygems_version: gem.rubygems.join(', ') || '>= 0',
    ruby_version: gem.ruby.join(', ') || '>= 0',
    prerelease: isPrerelease(name.version),
    licenses: about?.licenses ?? [],
    requirements: [],
    sha: asset.digests.sha256 ?? null,
    spec_sha: null,
  }
}

function dependency(each: Gem['runtime'][number]) {
  return { name: each.name, requirements: joinRequirements(each) }
}

function timeOf(listed: ListedGem): string | null {
  const at = createdAt(listed)
  return at === undefined ? null : new Date(at).toISOString()
}

function json(value: unknown): Reply {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'private, no-cache' }
  return { status: 200, headers, body: JSON.stringify(value) }
}

/** `GET api/v1/gems/{name}/owners.json` and `.yaml`: policies say who may do what, and not the gem. */
export async function readOwners(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  await session.view(parsePackage(call.params['name'] ?? ''))
  const isYaml = call.params['file'] === 'owners.yaml'
  if (!isYaml) return json([])
  return { status: 200, headers: { 'Content-Type': 'application/yaml' }, body: '--- []\n' }
}
