import type { Reply } from '../../http/call.ts'

/** A document that is made for the one who asks. */
export function plainJson(body: string | Buffer): Reply {
  return { status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-cache' }, body }
}
