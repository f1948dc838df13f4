import { refused } from '../../registry/errors.ts'
import type { JsonObject } from '../json.ts'
import { isObject, objectOf, textOf } from '../json.ts'

/** Where a version's document keeps the provenance that was published with it; no client ever sees the field. */
export const ATTESTATIONS_FIELD = '_attestations'

/** One statement about a version, as `/-/npm/v1/attestations` serves it. */
export interface Attestation {
  readonly predicateType: string
  /** A sigstore bundle, as it was published. */
  readonly bundle: JsonObject
}

/**
 * The provenance among a publish's attachments, as fields of the version's document. Its text is JSON, not Base64.
 * Throws `invalid`. Source: npm's libnpmpublish.
 */
export function readProvenance(attachments: JsonObject): JsonObject {
  const found = Object.entries(attachments).filter(([key]) => key.endsWith('.sigstore'))
  if (found.length === 0) return {}
  return { [ATTESTATIONS_FIELD]: found.map(([key, attachment]) => readBundle(key, objectOf(attachment)['data'])) }
}

function readBundle(key: string, data: unknown): Attestation {
  const bundle = parseObject(textOf(data))
  const envelope = objectOf(bundle?.['dsseEnvelope'])
  const payload = Buffer.from(textOf(envelope['payload']) ?? '', 'base64').toString('utf8')
  const predicateType = textOf(parseObject(payload)?.['predicateType'])
  if (!bundle || predicateType === undefined) {
    throw refused(`attachment '${key}' is not a sigstore bundle with an in-toto statement`)
  }
  return { predicateType, bundle }
}

function parseObject(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What was published with a version; empty for others. */
export function attestationsOf(document: unknown): readonly unknown[] {
  const kept = objectOf(document)[ATTESTATIONS_FIELD]
  return Array.isArray(kept) ? kept : []
}

/** The type that a manifest's `dist.attestations` names: that of the provenance. */
export function provenanceType(attestations: readonly unknown[]): string | undefined {
  return attestations
    .map((attestation) => textOf(objectOf(attestation)['predicateType']))
    .find((type) => type !== undefined)
}
