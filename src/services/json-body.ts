import { RegistryError } from '../registry/errors.ts'

/** The members of a request body; `{}` of an empty one. Throws `invalid` with CANNOT_PARSE. */
export function parseJson(bytes: Buffer): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) return {}
  const value = parseValue(bytes)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw unreadable('the request body must be a JSON object')
}

function parseValue(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw unreadable('the request body is not JSON in UTF-8', cause)
  }
}

export function unreadable(message: string, cause?: unknown): RegistryError {
  return new RegistryError('invalid', message, { reason: 'CANNOT_PARSE', cause })
}
