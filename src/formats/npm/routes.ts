import type { Method, Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall, Route } from '../format.ts'
import { auditBulk, auditQuick } from './audit.ts'
import { missingPackage } from './documents.ts'
import { describeUser, logout, refuseLogin, refuseProfile, whoami } from './identity.ts'
import { parsePackage, showPackage } from './names.ts'
import { readManifest, readPackument, readTarball } from './reads.ts'
import { json } from './replies.ts'
import { search } from './search.ts'
import { listTags, putTag, putTags, removeTag } from './tags.ts'
import { readAttestations, readKeys } from './trust.ts'
import { deletePackage, deleteTarball, putPackage } from './writes.ts'

type Params = Readonly<Record<string, string>>
type Answer = (call: PackageCall, session: RepositorySession, params: Params) => Promise<Reply> | Reply
type PackageAnswer = (
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  params: Params,
) => Promise<Reply> | Reply

/**
 * What npm, pnpm, Yarn and Bun speak. A scoped name comes as one segment (`@acme%2fwidgets`) or as two, so that every
 * route of a package stands twice; `-` is no package's name, so that services and packages do not meet.
 */
export const npmRoutes: readonly Route[] = [
  route('GET', '/', (_, session) => greet(session)),
  route('GET', '/-/ping', (_, session) => greet(session)),
  route('GET', '/-/whoami', (_, session) => whoami(session)),
  route('POST', '/-/v1/login', (_, session) => refuseLogin(session)),
  route('GET', '/-/v1/search', search),
  route('GET', '/-/npm/v1/keys', readKeys),
  route('GET', '/-/npm/v1/user', refuseProfile),
  route('POST', '/-/npm/v1/user', refuseProfile),
  route('GET', '/-/npm/v1/tokens', refuseProfile),
  route('POST', '/-/npm/v1/tokens', refuseProfile),
  route('DELETE', '/-/npm/v1/tokens/token/:key', refuseProfile),
  route('POST', '/-/npm/v1/security/advisories/bulk', auditBulk),
  route('POST', '/-/npm/v1/security/audits/quick', auditQuick),
  route('POST', '/-/npm/v1/security/audits', auditQuick),
  route('GET', '/-/npm/v1/attestations/:spec', (call, session, { spec = '' }) => readAttestations(call, session, spec)),
  route('GET', '/-/npm/v1/attestations/:scope/:spec', (call, session, { scope = '', spec = '' }) =>
    readAttestations(call, session, `${scope}/${spec}`),
  ),
  route('GET', '/-/user/:user', (_, session, { user = '' }) => describeUser(session, user)),
  route('PUT', '/-/user/:user', (_, session) => refuseLogin(session)),
  route('PUT', '/-/user/:user/-rev/:revision', (_, session) => refuseLogin(session)),
  route('DELETE', '/-/user/token/:token', logout),

  ...packageRoutes('GET', '/-/package', '/visibility', refuseVisibility),
  ...packageRoutes('GET', '/-/package', '/dist-tags', (_, session, name) => listTags(session, name)),
  ...packageRoutes('PUT', '/-/package', '/dist-tags', putTags),
  ...packageRoutes('PUT', '/-/package', '/dist-tags/:tag', (call, session, name, { tag = '' }) =>
    putTag(call, session, name, tag),
  ),
  ...packageRoutes('POST', '/-/package', '/dist-tags/:tag', (call, session, name, { tag = '' }) =>
    putTag(call, session, name, tag),
  ),
  ...packageRoutes('DELETE', '/-/package', '/dist-tags/:tag', (_, session, name, { tag = '' }) =>
    removeTag(session, name, tag),
  ),

  ...packageRoutes('GET', '', '/-/:file', (call, session, name, { file = '' }) =>
    readTarball(call, session, name, file),
  ),
  ...packageRoutes('GET', '', '/-/:folder/:file', (call, session, name, { folder = '', file = '' }) =>
    readTarball(call, session, name, `${folder}/${file}`),
  ),
  ...packageRoutes('DELETE', '', '/-/:file/-rev/:revision', (_, session, name, { file = '', revision = '' }) =>
    deleteTarball(session, name, file, revision),
  ),
  ...packageRoutes(
    'DELETE',
    '',
    '/-/:folder/:file/-rev/:revision',
    (_, session, name, { folder = '', file = '', revision = '' }) =>
      deleteTarball(session, name, `${folder}/${file}`, revision),
  ),
  ...packageRoutes('PUT', '', '/-rev/:revision', (call, session, name, { revision }) =>
    putPackage(call, session, name, revision),
  ),
  ...packageRoutes('DELETE', '', '/-rev/:revision', (_, session, name, { revision = '' }) =>
    deletePackage(session, name, revision),
  ),
  ...packageRoutes('PUT', '', '', (call, session, name) => putPackage(call, session, name, undefined)),
  route('GET', '/:package', (call, session, params) => readNamedPackument(call, session, params)),
  route('GET', '/:package/:version', (call, session, params) => readPackageOrVersion(call, session, params)),
  route('GET', '/:scope/:package/:version', (call, session, params) => readNamedVersion(call, session, params)),
]

function route(method: Method, path: `/${string}`, answer: Answer): Route {
  return { method, path, handle: (call, session) => answer(call, session, call.params) }
}

/** A route below a package, for both spellings of a scoped name. */
function packageRoutes(method: Method, before: '' | '/-/package', after: string, answer: PackageAnswer): Route[] {
  return [
    route(method, `${before}/:package${after}` as `/${string}`, withName(answer)),
    route(method, `${before}/:scope/:package${after}` as `/${string}`, withName(answer)),
  ]
}

/** Names that were read before, for as long as the router remembers their parameters. */
const names = new WeakMap<Params, { readonly name: PackageName; readonly fields: Readonly<Record<string, string>> }>()

function withName(answer: PackageAnswer): Answer {
  return (call, session, params) => {
    let named = names.get(params)
    if (named === undefined) {
      const name = nameOf(call, session, params)
      named = { name, fields: { 'package.name': showPackage(name) } }
      names.set(params, named)
    }
    call.log(named.fields)
    return answer(call, session, named.name, params)
  }
}

/** For who only reads, a name that cannot be is a package that is not there. */
function nameOf(call: PackageCall, session: RepositorySession, params: Params): PackageName {
  const { scope, package: bare = '' } = params
  const text = scope === undefined ? bare : `${scope}/${bare}`
  try {
    return parsePackage(text)
  } catch (error) {
    if (call.method === 'PUT') throw error
    session.authorizeRead()
    throw missingPackage(text)
  }
}

const readNamedPackument = withName(readPackument)
const readNamedVersion = withName(readVersion)

/** Two segments are a scoped name or a package and one of its versions: only a scope starts with `@` and ends there. */
function readPackageOrVersion(call: PackageCall, session: RepositorySession, params: Params): Promise<Reply> | Reply {
  const { package: first = '', version = '' } = params
  const isScope = first.startsWith('@') && !first.includes('/')
  return isScope
    ? readNamedPackument(call, session, { scope: first, package: version })
    : readNamedVersion(call, session, params)
}

function readVersion(call: PackageCall, session: RepositorySession, name: PackageName, params: Params): Promise<Reply> {
  return readManifest(call, session, name, params['version'] ?? '')
}

function greet(session: RepositorySession): Reply {
  session.authorizeRead()
  return json(200, {})
}

/** npm takes this for: not public. */
async function refuseVisibility(_: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  throw new RegistryError('missing', 'packages here are neither public nor restricted: policies say who may read them')
}
