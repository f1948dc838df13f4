/** What `JSON.parse` makes of `{…}`; its values are believed nothing. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value where it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The value where it is text that says something. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The value where it counts something. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** Those of an object's fields whose value is text. */
export function textFields(value: unknown): [string, string][] {
  return Object.entries(objectOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
}

/** The object without some of its fields. */
export function without(value: JsonObject, fields: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([field]) => !fields.has(field)))
}
