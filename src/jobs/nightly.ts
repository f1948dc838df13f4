const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Most installations are idle then, wherever most of their users are. Unit: hours after midnight, UTC. Ours. */
const NIGHT_STARTS_HOURS = 2
const NIGHT_HOURS = 3

/** A moment in the next night, UTC, so that installations that share a store do not all begin at once. */
export function nextNight(time: number, random: () => number): number {
  const offset = Math.round((NIGHT_STARTS_HOURS + random() * NIGHT_HOURS) * HOUR_MS)
  const today = Math.floor(time / DAY_MS) * DAY_MS + offset
  // What has just run in this night waits for the next one.
  return today > time + NIGHT_HOURS * HOUR_MS ? today : today + DAY_MS
}
