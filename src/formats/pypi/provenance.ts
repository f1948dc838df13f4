import type { Reply } from '../../http/call.ts'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { parsePackage } from './names.ts'
import { filesOf } from './release.ts'
import { fetchSmall } from './upstream.ts'

/** Source: PyPA specification, "Index hosted attestations". */
const PROVENANCE_TYPE = 'application/vnd.pypi.integrity.v1+json'

/** Largest attestations of one file. Unit: bytes. Ours; one has about 10 KB. */
const ATTESTATIONS_BYTES_MAX = 256 * 1024

/** Largest answer of an upstream. Unit: bytes. Ours. */
const PROVENANCE_BYTES_MAX = 4 * 1024 * 1024

/** The form's field `attestations`. They are kept, and verified by whoever installs. Throws `invalid`. */
export function parseAttestations(text: string | undefined): readonly unknown[] | undefined {
  if (text === undefined) return undefined
  if (Buffer.byteLength(text) > ATTESTATIONS_BYTES_MAX) {
    throw refused(`attestations have more than ${ATTESTATIONS_BYTES_MAX} bytes`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new RegistryError('invalid', 'attestations are not JSON', { cause, reason: 'CANNOT_PARSE' })
  }
  if (Array.isArray(value) && value.length > 0) return value as unknown[]
  throw refused('attestations must be a list that is not empty')
}

/** `GET integrity/{project}/{version}/{filename}/provenance` */
export async function readProvenance(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const { project = '', version = '', filename = '' } = call.params
  const view = await session.view(parsePackage(project))
  const found = view.versions.find((candidate) => candidate.version === version && candidate.status === 'Published')
  const said = found && filesOf(found.document)[filename]
  if (said?.attestations) return provenance(JSON.stringify(bundleOf(said.attestations)))
  const bytes = said?.provenance === undefined ? undefined : await fetchFrom(session, said.provenance)
  if (bytes === undefined) throw new RegistryError('missing', `there is no provenance for ${filename}`)
  return provenance(bytes)
}

/** Who published is known here, and not attested by anybody else. */
function bundleOf(attestations: readonly unknown[]): object {
  return { version: 1, attestation_bundles: [{ publisher: { kind: 'Packyard', claims: null }, attestations }] }
}

function provenance(body: string | Buffer): Reply {
  return { status: 200, headers: { 'Content-Type': PROVENANCE_TYPE, 'Cache-Control': 'private, no-cache' }, body }
}

async function fetchFrom(session: RepositorySession, address: string): Promise<Buffer | undefined> {
  const [source] = await session.reachableSources()
  const url = URL.parse(address)
  return source && url ? fetchSmall(source, url, PROVENANCE_BYTES_MAX) : undefined
}
