import type { Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { TEXT_TYPE } from './documents.ts'

/**
 * `POST api/v1/api_key`, as `gem signin` sends it: the password is the token, and what is answered is stored as the key and
 * sent as it is from then on.
 */
export async function signIn(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const header = call.header('authorization') ?? ''
  const [, basic] = /^basic\s+(.*)$/i.exec(header) ?? []
  const decoded = Buffer.from(basic ?? '', 'base64').toString()
  const token = basic === undefined ? header.replace(/^bearer\s+/i, '') : decoded.slice(decoded.indexOf(':') + 1)
  return { status: 200, headers: { 'Content-Type': TEXT_TYPE, 'Cache-Control': 'no-store' }, body: `Bearer ${token}` }
}

/** `POST`, `DELETE api/v1/gems/{name}/owners` */
export async function refuseOwner(_: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  throw new RegistryError(
    'denied',
    'Gems have no owners here: policies of the domain and the repository say who may publish (codeartifact:PublishPackageVersion).',
  )
}
