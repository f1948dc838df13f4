import type { Reply } from '../../http/call.ts'
import type { RepositorySession, StatusMove } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { parsePackage, parseVersion } from './names.ts'

/** `DELETE v3/package/{id}/{version}`: unlists, as at the public gallery. Projects that have it go on working. */
export async function unlist(call: PackageCall, session: RepositorySession): Promise<Reply> {
  await move(call, session, { from: 'Published', to: 'Unlisted' })
  return { status: 204, headers: {} }
}

/** `POST v3/package/{id}/{version}` */
export async function relist(call: PackageCall, session: RepositorySession): Promise<Reply> {
  await move(call, session, { from: 'Unlisted', to: 'Published' })
  return { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'listed again\n' }
}

/** Id and version come as they were typed. */
async function move(call: PackageCall, session: RepositorySession, change: StatusMove): Promise<void> {
  const name = parsePackage(call.params['id'] ?? '')
  const version = parseVersion(call.params['version'] ?? '')
  call.log({ 'package.name': name.name, 'package.version': version })
  await session.moveVersion(name, version, change)
}
