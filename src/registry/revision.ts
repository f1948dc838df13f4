import { createHash } from 'node:crypto'
import type { PackageName } from './names.ts'

/**
 * Names one exact set of assets and metadata: equal content has an equal revision in every repository.
 * Form: Base64 of 32 bytes, as in the service's samples.
 */
export function revisionOf(
  name: PackageName,
  version: string,
  assets: readonly { readonly name: string; readonly sha256: string }[],
  document: unknown,
): string {
  const sorted = assets.map((asset) => [asset.name, asset.sha256]).sort(([left], [right]) => (left! < right! ? -1 : 1))
  const text = JSON.stringify([name.format, name.namespace, name.name, version, sorted, canonical(document)])
  return createHash('sha256').update(text).digest('base64')
}

/** Objects with their keys in order, so that the order in which a client wrote them does not matter. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, canonical(member)]))
}
