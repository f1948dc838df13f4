import { weights } from '../../http/negotiation.ts'

/** Which of the representations of a page a client gets. */
export type Representation = 'json' | 'html' | 'plain html'

/** What may be asked for, in our order where several are liked alike. `latest` means the newest that there is. */
const offers: readonly (readonly [type: string, representation: Representation])[] = [
  ['text/html', 'plain html'],
  ['application/vnd.pypi.simple.v1+json', 'json'],
  ['application/vnd.pypi.simple.latest+json', 'json'],
  ['application/vnd.pypi.simple.v1+html', 'html'],
  ['application/vnd.pypi.simple.latest+html', 'html'],
]

/**
 * Undefined when nothing that is served is acceptable. A type by its name beats a wildcard of the same weight.
 * Source: PEP 691; CodeArtifact User Guide, "Python compatibility".
 */
export function chooseRepresentation(accept: string | undefined): Representation | undefined {
  if (accept === undefined || accept.trim() === '') return 'plain html'
  const liked = weights(accept)
  let best: { readonly weight: number; readonly isNamed: boolean; readonly representation: Representation } | undefined
  for (const [type, representation] of offers) {
    const named = liked.get(type)
    const weight = named ?? liked.get(`${type.split('/')[0]}/*`) ?? liked.get('*/*') ?? liked.get('*') ?? 0
    if (weight <= 0) continue
    const isNamed = named !== undefined
    const isBetter = !best || weight > best.weight || (weight === best.weight && isNamed && !best.isNamed)
    if (isBetter) best = { weight, isNamed, representation }
  }
  return best?.representation
}
