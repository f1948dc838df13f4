import type { Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RepositorySession, StatusMove } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { cargoNames, parsePackage } from './names.ts'
import { json } from './replies.ts'

/** `DELETE …/{version}/yank`: lock files that have it go on working, nobody else gets it. */
export async function yank(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return move(call, session, { from: 'Published', to: 'Unlisted' })
}

/** `PUT …/{version}/unyank` */
export async function unyank(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return move(call, session, { from: 'Unlisted', to: 'Published' })
}

async function move(call: PackageCall, session: RepositorySession, change: StatusMove): Promise<Reply> {
  const name = parsePackage(call.params['crate'] ?? '')
  const version = cargoNames.parseVersion(call.params['version'] ?? '')
  call.log({ 'package.name': name.name, 'package.version': version })
  await session.moveVersion(name, version, change)
  return json(200, { ok: true })
}

/** `cargo owner`, in each of its forms. */
export async function refuseOwners(_: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const message =
    'crates have no owners here: the policies of the domain and the repository say who may publish and yank'
  throw new RegistryError('denied', message)
}
