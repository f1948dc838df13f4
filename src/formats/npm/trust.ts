import type { Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { missingVersion } from './documents.ts'
import { isObject, objectOf } from '../json.ts'
import { encodePackage, parsePackage } from './names.ts'
import { askSources } from './outside.ts'
import { attestationsOf } from './provenance.ts'
import { json } from './replies.ts'

/** `GET /-/npm/v1/keys`: those that the signatures of versions from outside can be checked with. */
export async function readKeys(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const keys = await askSources(session, { path: '-/npm/v1/keys', signal: call.signal })
  if (isObject(keys)) return json(200, keys)
  throw new RegistryError('missing', 'this repository has no signing keys')
}

/** `GET /-/npm/v1/attestations/{name}@{version}`: what was published here with it, or what the outside has of it. */
export async function readAttestations(call: PackageCall, session: RepositorySession, spec: string): Promise<Reply> {
  const { name, version } = parseSpec(spec)
  const view = await session.view(name)
  const found = view.versions.find((candidate) => candidate.version === version && candidate.status === 'Published')
  if (!found) throw missingVersion(spec)
  if (found.origin.type === 'INTERNAL') {
    const attestations = attestationsOf(found.document)
    if (attestations.length > 0) return json(200, { attestations })
  } else if (isObject(objectOf(objectOf(found.document)['dist'])['attestations'])) {
    const path = `-/npm/v1/attestations/${encodePackage(name)}@${encodeURIComponent(version)}`
    const answer = await askSources(session, { path, signal: call.signal })
    if (isObject(answer)) return json(200, answer)
    throw new RegistryError('unavailable', `no upstream registry could be asked for the attestations of ${spec}`)
  }
  throw new RegistryError('missing', `no attestations found for ${spec}`)
}

function parseSpec(spec: string): { name: PackageName; version: string } {
  const at = spec.lastIndexOf('@')
  if (at <= 0) throw new RegistryError('missing', `'${spec}' is not a package and its version, as name@1.0.0`)
  return { name: parsePackage(spec.slice(0, at)), version: spec.slice(at + 1) }
}
