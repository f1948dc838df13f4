import { invalid } from '../registry/errors.ts'

const UNITS_MS = { D: 86_400_000, H: 3_600_000, M: 60_000, S: 1_000 } as const
const PATTERN = /^P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,7})S)?)?$/

/** Of an ISO 8601 duration without months and years, which have no fixed length. Unit: ms. Throws `invalid`. */
export function durationMs(field: string, text: string): number {
  const found = PATTERN.exec(text)
  if (!found || /[PT]$/.test(text)) throw invalid(field, text, 'must be an ISO 8601 duration, as "P7D" or "PT36H"')
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0))
  const { D, H, M, S } = UNITS_MS
  return (weeks * 7 + days) * D + hours * H + minutes * M + seconds * S
}

/** `7 days`, `36 hours`; in the largest unit that fits evenly. */
export function showDuration(ms: number): string {
  const units = [
    ['day', UNITS_MS.D],
    ['hour', UNITS_MS.H],
    ['minute', UNITS_MS.M],
    ['second', UNITS_MS.S],
  ] as const
  const [name, size] = units.find(([, unit]) => ms % unit === 0) ?? (['second', UNITS_MS.S] as const)
  const count = ms / size
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
