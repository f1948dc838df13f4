import { peekService } from '../../aws/signature.ts'
import type { Call } from '../../http/call.ts'

const PREFIX = '/packyard/v1/'

/**
 * Whether a call is meant for this plane. One that is signed for CodeArtifact is not: its client was given an endpoint
 * with a path of its own, which happens to be `/packyard`.
 */
export function isPackyardCall(call: Call): boolean {
  return call.path.startsWith(PREFIX) && peekService(call) !== 'codeartifact'
}
