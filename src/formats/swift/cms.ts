import { type KeyObject, X509Certificate } from 'node:crypto'
import { refused } from '../../registry/errors.ts'
import { type DerValue, readValues, showObjectId } from './der.ts'

/** A detached signature of one signer, as far as it is needed to check it. */
export interface SignedMessage {
  /** `sha256` */
  readonly hash: string
  readonly signature: Buffer
  /** What was signed instead of the content, and the digest of the content that it tells. */
  readonly attributes: { readonly signed: Buffer; readonly digest: Buffer } | undefined
  /** Of its certificates. */
  readonly keys: readonly KeyObject[]
}

const SIGNED_DATA = '1.2.840.113549.1.7.2'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'

const hashes: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** Tags of CMS: `[0]` where it holds something, and the basic ones. */
const SEQUENCE = 0x30
const SET = 0x31
const OCTETS = 0x04
const FIRST = 0xa0

/** Throws `invalid` on anything else. Source: RFC 5652, 3 and 5. */
export function readSignedMessage(bytes: Buffer): SignedMessage {
  const [outer, ...more] = readValues(bytes)
  const [type, wrapped] = children(outer, SEQUENCE)
  if (more.length > 0 || !type || showObjectId(type) !== SIGNED_DATA) throw refused('the signature is no CMS message')
  const [data] = children(wrapped, FIRST)
  const [, , content, ...rest] = children(data, SEQUENCE)
  if (children(content, SEQUENCE).length > 1) throw refused('the signature must be detached from what it signs')
  const certificates = rest.find(({ tag }) => tag === FIRST)
  const [signer, second] = children(
    rest.findLast(({ tag }) => tag === SET),
    SET,
  )
  if (!signer || second) throw refused('the signature must have exactly one signer')
  const keys = certificates ? readValues(certificates.content).map(readKey) : []
  return { ...readSigner(signer), keys }
}

function children(value: DerValue | undefined, tag: number): DerValue[] {
  if (value?.tag !== tag) throw refused('the signature is no CMS message')
  return readValues(value.content)
}

function readKey({ bytes }: DerValue): KeyObject {
  try {
    return new X509Certificate(bytes).publicKey
  } catch {
    throw refused('a certificate of the signature cannot be read')
  }
}

/** Source: RFC 5652, 5.3: version, signer, digest algorithm, attributes or not, signature algorithm, signature. */
function readSigner(signer: DerValue): Omit<SignedMessage, 'keys'> {
  const [, , digestAlgorithm, ...rest] = children(signer, SEQUENCE)
  const [hashId] = children(digestAlgorithm, SEQUENCE)
  const hash = hashId && hashes[showObjectId(hashId)]
  if (hash === undefined) throw refused('the digest algorithm of the signature must be SHA-256, SHA-384 or SHA-512')
  const attributes = rest[0]?.tag === FIRST ? rest[0] : undefined
  const signature = rest.find(({ tag }) => tag === OCTETS)
  if (!signature) throw refused('the signature is no CMS message')
  return { hash, signature: signature.content, attributes: attributes && readAttributes(attributes) }
}

/** They are signed as the set that they are, and stand under another tag. Source: RFC 5652, 5.4. */
function readAttributes({ bytes, content }: DerValue): SignedMessage['attributes'] {
  const signed = Buffer.from(bytes)
  signed[0] = SET
  for (const attribute of readValues(content)) {
    const [type, values] = children(attribute, SEQUENCE)
    if (!type || showObjectId(type) !== MESSAGE_DIGEST) continue
    const [digest] = children(values, SET)
    if (digest?.tag === OCTETS) return { signed, digest: digest.content }
  }
  throw refused('the signed attributes of the signature tell no digest')
}
