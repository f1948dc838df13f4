import type { Method, Reply } from '../../http/call.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall, Route } from '../format.ts'
import { refuseOwner, signIn } from './account.ts'
import {
  readAttestations,
  readGemJson,
  readLatestJson,
  readOwners,
  readVersionJson,
  readVersionsJson,
  searchJson,
} from './json-api.ts'
import { push } from './publish.ts'
import {
  readBase,
  readDependencies,
  readDependenciesJson,
  readGem,
  readInfo,
  readNames,
  readQuickSpec,
  readSpecList,
  readVersions,
} from './reads.ts'
import { yank } from './yank.ts'

type Answer = (call: PackageCall, session: RepositorySession) => Promise<Reply>

const table: readonly (readonly [Method, `/${string}`, Answer])[] = [
  ['GET', '/', readBase],
  ['GET', '/versions', readVersions],
  ['GET', '/names', readNames],
  ['GET', '/info/:gem', readInfo],
  ['GET', '/gems/:file', readGem],
  ['GET', '/quick/Marshal.4.8/:file', readQuickSpec],
  ['GET', '/specs.4.8.gz', readSpecList('specs', 'gzip')],
  ['GET', '/latest_specs.4.8.gz', readSpecList('latest_specs', 'gzip')],
  ['GET', '/prerelease_specs.4.8.gz', readSpecList('prerelease_specs', 'gzip')],
  ['GET', '/specs.4.8', readSpecList('specs', 'plain')],
  ['GET', '/latest_specs.4.8', readSpecList('latest_specs', 'plain')],
  ['GET', '/prerelease_specs.4.8', readSpecList('prerelease_specs', 'plain')],
  ['GET', '/api/v1/dependencies', readDependencies],
  ['GET', '/api/v1/dependencies.json', readDependenciesJson],
  ['POST', '/api/v1/gems', push],
  ['DELETE', '/api/v1/gems/yank', yank],
  ['GET', '/api/v1/gems/:name/:file', readOwners],
  ['POST', '/api/v1/gems/:name/owners', refuseOwner],
  ['DELETE', '/api/v1/gems/:name/owners', refuseOwner],
  ['POST', '/api/v1/api_key', signIn],
  ['PUT', '/api/v1/api_key', signIn],
  ['GET', '/api/v1/search.json', searchJson],
  ['GET', '/api/v1/gems/:file', readGemJson],
  ['GET', '/api/v1/versions/:file', readVersionsJson],
  ['GET', '/api/v1/versions/:name/latest.json', readLatestJson],
  ['GET', '/api/v2/rubygems/:name/versions/:file', readVersionJson],
  ['GET', '/api/v1/attestations/:file', readAttestations],
]

/** Each a second time behind two slashes: gem puts one between a host that ends in one and its own path. */
export const rubyRoutes: readonly Route[] = table.flatMap(([method, path, handle]) => [
  { method, path, handle },
  ...(path === '/' ? [] : [{ method, path: `/${path}` as const, handle }]),
])
