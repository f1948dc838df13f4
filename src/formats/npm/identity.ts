import type { Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { done, json } from './replies.ts'

/** Passwords are IAM's business: a token is made by GetAuthorizationToken, which the AWS CLI calls. */
export function refuseLogin(session: RepositorySession): never {
  const { domain, name } = session.repository
  const command = `aws codeartifact login --tool npm --domain ${domain.name} --domain-owner ${domain.owner} --repository ${name}`
  throw new RegistryError('denied', `npm login is not how to log in here; use: ${command}`)
}

/** `GET /-/whoami` */
export function whoami(session: RepositorySession): Reply {
  session.authorizeRead()
  return json(200, { username: session.caller.principal.userName })
}

/** `GET /-/user/org.couchdb.user:{name}`: nobody but the caller is told of anybody. */
export function describeUser(session: RepositorySession, user: string): Reply {
  session.authorizeRead()
  const { userName } = session.caller.principal
  if (user === `org.couchdb.user:${userName}`) return json(200, { name: userName, email: '' })
  throw new RegistryError('missing', 'users are not kept here: who may publish is decided by IAM policies')
}

/** `DELETE /-/user/token/{token}`: the client forgets its token, which ends by itself. */
export function logout(): Reply {
  return done()
}

/** `/-/npm/v1/user` and `/-/npm/v1/tokens` */
export function refuseProfile(_: PackageCall, session: RepositorySession): never {
  session.authorizeRead()
  throw new RegistryError(
    'missing',
    'profiles and tokens are not kept here: see aws codeartifact get-authorization-token',
  )
}
