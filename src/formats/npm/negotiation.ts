import { remembering, weights } from '../../http/negotiation.ts'

/** Which packument an `Accept` asks for: the abbreviated one only where it is named and nothing is liked better. */
export const wantsAbbreviated = remembering(readWish)

function readWish(accept: string | undefined): boolean {
  const liked = weights(accept ?? '')
  const abbreviated = liked.get('application/vnd.npm.install-v1+json') ?? 0
  return abbreviated > 0 && abbreviated >= (liked.get('application/json') ?? 0)
}
