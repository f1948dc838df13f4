import type { Method, Reply } from '../../http/call.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall, Route } from '../format.ts'
import type { Hive } from './addresses.ts'
import { readVulnerabilities, readVulnerabilityPage } from './audit.ts'
import { readDetails } from './details.ts'
import { push, pushSymbols } from './publish.ts'
import {
  readContent,
  readRegistration,
  readRegistrationLeaf,
  readRegistrationPage,
  readServiceIndex,
  readVersionList,
} from './reads.ts'
import { autocomplete, search } from './search.ts'
import { readSymbolFile } from './symbols.ts'
import { relist, unlist } from './writes.ts'

type Answer = (call: PackageCall, session: RepositorySession) => Promise<Reply>

/** First match wins. Clients push to the address with a slash behind it, whatever the service index says. */
export const nugetRoutes: readonly Route[] = [
  route('GET', '/v3/index.json', readServiceIndex),
  route('GET', '/v3/flatcontainer/:id/index.json', readVersionList),
  route('GET', '/v3/flatcontainer/:id/:version/:file', readContent),
  ...registrations('/v3/registration4', 'SemVer 2'),
  ...registrations('/v3/registration4-semver1', 'SemVer 1'),
  route('GET', '/v3/query', search),
  route('GET', '/v3/autocomplete', autocomplete),
  route('GET', '/v3/vulnerabilities/index.json', readVulnerabilities),
  route('GET', '/v3/vulnerabilities/:page', readVulnerabilityPage),
  route('GET', '/v3/symbols/:file/:key/:name', readSymbolFile),
  route('GET', '/v3/details/:id/:version', readDetails),
  route('PUT', '/v3/package', push),
  route('PUT', '/v3/package/', push),
  route('PUT', '/v3/symbol', pushSymbols),
  route('PUT', '/v3/symbol/', pushSymbols),
  route('DELETE', '/v3/package/:id/:version', unlist),
  route('POST', '/v3/package/:id/:version', relist),
]

function registrations(folder: `/${string}`, hive: Hive): Route[] {
  return [
    route('GET', `${folder}/:id/index.json`, readRegistration(hive)),
    route('GET', `${folder}/:id/page/:lower/:upper`, readRegistrationPage(hive)),
    route('GET', `${folder}/:id/:version`, readRegistrationLeaf(hive)),
  ]
}

function route(method: Method, path: `/${string}`, handle: Answer): Route {
  return { method, path, handle }
}
