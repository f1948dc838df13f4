/** A request as it stood on the wire; nothing decoded. */
export interface RawRequest {
  readonly method: string
  /** The target up to `?`. */
  readonly path: string
  /** Without the `?`. */
  readonly query: string
  /** Name and value by turns. */
  readonly rawHeaders: readonly string[]
}

/** All values of a header in order of arrival; `name` in lower case. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}
