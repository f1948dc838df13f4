import type { Reply } from '../http/call.ts'
import type { OpenedAsset } from '../registry/session.ts'
import type { PackageCall } from './format.ts'

/** Fields of the request's line, and of its audit record: what the client was sent elsewhere for. */
const REDIRECTED_TO = 'redirect.host'
export const REDIRECTED_BYTES = 'redirect.size_bytes'

/** Where the client may read these bytes instead; undefined when it has to have them from us. */
export async function redirectReply(
  call: PackageCall,
  asset: OpenedAsset,
  sizeBytes: number,
  contentType: string,
): Promise<Reply | undefined> {
  const address = await asset.address?.({ contentType, fileName: fileNameOf(call) })
  if (address === undefined) return undefined
  const there = new URL(address)
  if (!isElsewhere(call, there)) return undefined
  call.log({ [REDIRECTED_TO]: there.host, [REDIRECTED_BYTES]: sizeBytes })
  // The address ends soon, so nobody may keep this answer.
  return { status: 302, headers: { Location: address, 'Cache-Control': 'no-store' }, body: '' }
}

/** HEAD has no bytes, and the store's tags are not ours, so that a range under a condition is ours to give. */
export function isRedirectable(call: PackageCall, asset: OpenedAsset): boolean {
  return (
    asset.address !== undefined && call.method === 'GET' && call.header('if-range') === undefined && call.isRedirectable
  )
}

/** Clients keep the token where only the port changes; and nobody is led from HTTPS to HTTP. */
function isElsewhere(call: PackageCall, there: URL): boolean {
  const here = new URL(call.endpoint)
  return here.hostname !== there.hostname && (here.protocol === 'http:' || there.protocol === 'https:')
}

/** As the client asked for it; the store's answer has no other characters than letters, digits and a few marks. */
function fileNameOf({ path }: PackageCall): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
