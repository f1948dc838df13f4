import { invalid } from '../registry/errors.ts'
import type { RuleKind } from './kind.ts'
import { approval } from './kinds/approval.ts'
import { freeze } from './kinds/freeze.ts'
import { licence } from './kinds/licence.ts'
import { minimumAge } from './kinds/minimum-age.ts'
import { retention } from './kinds/retention.ts'
import { vulnerability } from './kinds/vulnerability.ts'

/** Every kind of rule there is, a line each. */
export const ruleKinds: readonly RuleKind[] = [
  //
  minimumAge,
  freeze,
  approval,
  retention,
  vulnerability,
  licence,
]

/** Throws `invalid`. */
export function findKind(id: string): RuleKind {
  const found = ruleKinds.find((kind) => kind.id === id)
  if (found) return found
  throw invalid('kind', id, `must be one of ${ruleKinds.map((kind) => kind.id).join(', ')}`)
}
