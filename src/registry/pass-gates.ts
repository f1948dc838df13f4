import type { Candidate, PackageGate } from './gate.ts'
import { checkHolds } from './held.ts'
import { externalOrigin } from './origin.ts'
import type { RegistryParts } from './parts.ts'
import { learnDates } from './version-dates.ts'
import type { Sought, WantedAsset } from './seek-asset.ts'

/** How often a version that is only watched is counted again, at most. Unit: ms. Ours. */
const OBSERVED_EVERY_MS = 60_000

/**
 * Throws `HeldError` where a rule holds the version of an asset that was found. Answers until when nothing but a change of
 * the package or of the rules can hold it. Unit: ms since 1970.
 */
export async function passGates(parts: RegistryParts, wanted: WantedAsset, sought: Sought): Promise<number> {
  const { place, name, version } = wanted
  const gate = await parts.gates.of(place, name)
  if (!gate) return Number.POSITIVE_INFINITY
  let passesUntil = Number.POSITIVE_INFINITY
  for (const candidate of await candidatesOf(parts, gate, wanted, sought)) {
    const judgement = gate.judge(candidate)
    checkHolds(place, name, version, judgement)
    passesUntil = Math.min(passesUntil, judgement.changesAt)
    if (judgement.observed.length === 0) continue
    parts.gates.noteObserved(place, name, version, judgement.observed)
    passesUntil = Math.min(passesUntil, parts.clock() + OBSERVED_EVERY_MS)
  }
  return passesUntil
}

/** Every place that it may come from; it must pass wherever it does. */
async function candidatesOf(
  parts: RegistryParts,
  gate: PackageGate,
  { place, name, version }: WantedAsset,
  sought: Sought,
): Promise<Candidate[]> {
  const action = 'read'
  if (sought.kind !== 'offered') {
    const { origin, publishedAt, document } = sought.version
    return [{ action, version, holder: sought.holder, origin, publishedAt, document }]
  }
  if (sought.known) {
    const { origin, publishedAt, document } = sought.known
    return [{ action, version, holder: place.node, origin, publishedAt, document }]
  }
  const candidates = sought.offers.map(async ({ stop, version: offered }): Promise<Candidate> => {
    const { document } = offered
    const said = offered.publishedAt
    const isLearnt = said === undefined && gate.wantsDates
    const publishedAt = isLearnt ? (await learnDates(parts, place, stop, name, version)).get(version) : said
    return { action, version, holder: stop.node, origin: externalOrigin(stop.source.name), publishedAt, document }
  })
  return Promise.all(candidates)
}
