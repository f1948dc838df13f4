/** A pattern that cannot be used. The message says where: `detail.packageName[0]`. */
export class EventPatternError extends Error {
  constructor(place: string, reason: string, cause?: unknown) {
    const where = place === '' ? '' : `at ${place}: `
    super(`Event pattern is not valid. Reason: ${where}${reason}`, cause === undefined ? undefined : { cause })
    this.name = 'EventPatternError'
  }
}
