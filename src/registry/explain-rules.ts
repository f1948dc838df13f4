import { candidateOf } from './govern-view.ts'
import { explainHolds } from './held.ts'
import { makeView } from './make-view.ts'
import type { RegistryParts } from './parts.ts'
import type { Path } from './resolve.ts'

/** What rules say of versions, a line each. */
export interface RuleExplanation {
  readonly holds: readonly string[]
  /** By rules in monitor mode: what they would say. */
  readonly observed: readonly string[]
}

/** Of all versions that may be seen, or of one. */
export async function explainRules(
  parts: RegistryParts,
  path: Path,
  only: string | undefined,
): Promise<RuleExplanation> {
  const gate = await parts.gates.of(path.place, path.name)
  if (!gate) return { holds: [], observed: [] }
  const { view, holders } = await makeView(parts, path)
  const shownName = path.place.format.names.show(path.name)
  const versions = view.versions.filter(({ version }) => only === undefined || version === only)
  const judged = versions.flatMap((version) => {
    const candidate = candidateOf(holders, version)
    return candidate ? [{ version: version.version, judgement: gate.judge(candidate) }] : []
  })
  const lines = (kind: 'holds' | 'observed') =>
    judged.flatMap(({ version, judgement }) => {
      return judgement[kind].length === 0 ? [] : [explainHolds(shownName, version, judgement[kind])]
    })
  return { holds: lines('holds'), observed: lines('observed') }
}
