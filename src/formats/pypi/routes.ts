import type { Method, Reply } from '../../http/call.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall, Route } from '../format.ts'
import { queryAdvisories, readReleaseJson } from './advisories.ts'
import { readProvenance } from './provenance.ts'
import { readFile, readProject, readProjects, redirectToProject } from './reads.ts'
import { upload } from './publish.ts'
import { unyank, yank } from './yank.ts'

type Answer = (call: PackageCall, session: RepositorySession) => Promise<Reply>

/** First match wins. Clients that upload follow no redirect, so every form of the address is answered itself. */
export const pypiRoutes: readonly Route[] = [
  route('POST', '/', upload),
  route('POST', '/legacy/', upload),
  route('POST', '/legacy', upload),
  route('GET', '/simple/', readProjects),
  route('GET', '/simple', redirectToProjects),
  route('GET', '/simple/:project/', readProject),
  route('GET', '/simple/:project', redirectToProject),
  route('GET', '/simple/:project/:version/:filename', readFile),
  route('GET', '/packages/:project/:version/:filename', readFile),
  route('PUT', '/yanked/:project/:version', yank),
  route('DELETE', '/yanked/:project/:version', unyank),
  route('GET', '/pypi/:project/:version/json', readReleaseJson),
  route('POST', '/osv/v1/query', queryAdvisories),
  route('GET', '/integrity/:project/:version/:filename/provenance', readProvenance),
]

function route(method: Method, path: `/${string}`, handle: Answer): Route {
  return { method, path, handle }
}

async function redirectToProjects(_: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  return { status: 301, headers: { Location: 'simple/', 'Cache-Control': 'no-store' } }
}
