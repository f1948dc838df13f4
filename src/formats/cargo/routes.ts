import type { Method, Reply } from '../../http/call.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall, Route } from '../format.ts'
import { publish } from './publish.ts'
import { download, readConfig, readCrate, readIndex, readVersions } from './reads.ts'
import { search } from './search.ts'
import { refuseOwners, unyank, yank } from './writes.ts'

type Answer = (call: PackageCall, session: RepositorySession) => Promise<Reply>

/** First match wins: the web API stands before the index, whose folders could be called as its parts are. */
export const cargoRoutes: readonly Route[] = [
  route('GET', '/config.json', readConfig),
  route('PUT', '/api/v1/crates/new', publish),
  route('GET', '/api/v1/crates', search),
  route('GET', '/api/v1/crates/:crate', readCrate),
  route('GET', '/api/v1/crates/:crate/versions', readVersions),
  route('GET', '/api/v1/crates/:crate/owners', refuseOwners),
  route('PUT', '/api/v1/crates/:crate/owners', refuseOwners),
  route('DELETE', '/api/v1/crates/:crate/owners', refuseOwners),
  route('GET', '/api/v1/crates/:crate/:version/download', download),
  route('DELETE', '/api/v1/crates/:crate/:version/yank', yank),
  route('PUT', '/api/v1/crates/:crate/:version/unyank', unyank),
  route('GET', '/1/:crate', readIndex),
  route('GET', '/2/:crate', readIndex),
  route('GET', '/:first/:second/:crate', readIndex),
]

function route(method: Method, path: `/${string}`, handle: Answer): Route {
  return { method, path, handle }
}
