import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { bits, integer, objectId, octets, sequence, setOf, tagged, text, time, truth } from './der.ts'

/** A certificate with its private key, both PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

export interface CertificateDraft {
  /** For people. */
  readonly commonName: string
  /** DNS names and addresses; none for an authority. */
  readonly names: readonly string[]
  readonly days: number
  /** Unit: ms since 1970. */
  readonly now: number
  readonly serial: Uint8Array
}

const DAY_MS = 86_400_000
/** Clocks differ: a new certificate must be good for those that are behind. Unit: ms. Ours. */
const BACKDATE_MS = DAY_MS

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'))

/** An authority of one's own. */
export function createAuthority(draft: Omit<CertificateDraft, 'names'>): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const extensions = [
    extension('2.5.29.19', sequence(truth()), 'critical'),
    // keyCertSign and cRLSign.
    extension('2.5.29.15', bits(Buffer.from([0x06]), 1), 'critical'),
    extension('2.5.29.14', octets(keyId(spki))),
  ]
  const subject = nameOf(draft.commonName)
  return { key, certificate: sealed({ draft, issuer: subject, subject, spki, extensions }, key) }
}

/** A certificate for a server, with a new key. */
export function issueCertificate(authority: Identity, draft: CertificateDraft): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const issuerKey = createPublicKey(createPrivateKey(authority.key)).export({ type: 'spki', format: 'der' })
  const extensions = [
    extension('2.5.29.19', sequence(), 'critical'),
    // digitalSignature.
    extension('2.5.29.15', bits(Buffer.from([0x80]), 7), 'critical'),
    // serverAuth.
    extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...draft.names.map(alternativeName))),
    extension('2.5.29.14', octets(keyId(spki))),
    extension('2.5.29.35', sequence(tagged(0x80, keyId(issuerKey)))),
  ]
  const issuer = nameOf(commonNameOf(authority))
  const certificate = sealed({ draft, issuer, subject: nameOf(draft.commonName), spki, extensions }, authority.key)
  return { key, certificate: certificate + authority.certificate }
}

interface Parts {
  readonly draft: Omit<CertificateDraft, 'names'>
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly spki: Buffer
  readonly extensions: readonly Buffer[]
}

/** Source: RFC 5280, 4.1. */
function sealed({ draft, issuer, subject, spki, extensions }: Parts, issuerKey: string): string {
  const { now, days, serial } = draft
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(now - BACKDATE_MS), time(now + days * DAY_MS)),
    subject,
    spki,
    tagged(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, issuerKey)
  const der = sequence(body, ECDSA_WITH_SHA256, bits(signature))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(objectId('2.5.4.3'), text(commonName))))
}

function commonNameOf({ certificate }: Identity): string {
  return /^CN=(.+)$/m.exec(new X509Certificate(certificate).subject)?.[1] ?? ''
}

function extension(id: string, value: Buffer, importance: 'critical' | 'plain' = 'plain'): Buffer {
  return sequence(objectId(id), ...(importance === 'critical' ? [truth()] : []), octets(value))
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 0
    ? tagged(0x82, Buffer.from(name))
    : tagged(0x87, Buffer.from(ipaddr.parse(name).toByteArray()))
}

/** Source: RFC 5280, 4.2.1.2. */
function keyId(spki: Uint8Array): Buffer {
  return createHash('sha256').update(spki).digest().subarray(0, 20)
}
