import { createHash, sign, X509Certificate } from 'node:crypto'
import { createAuthority, type Identity } from '../../src/http/tls/certificate.ts'
import { integer, objectId, octets, sequence, setOf, tagged } from '../../src/http/tls/der.ts'

/** Somebody who signs, by a certificate of their own. */
export function makeSigner(): Identity {
  return createAuthority({ commonName: 'Mona', days: 1, now: Date.now(), serial: Buffer.from([7]) })
}

const data = objectId('1.2.840.113549.1.7.1')
const sha256 = sequence(objectId('2.16.840.1.101.3.4.2.1'))
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'))

/** As SwiftPM signs: the content itself, or attributes that tell its digest. Source: RFC 5652, 5. */
export function signDetached(
  content: Buffer,
  { certificate, key }: Identity,
  attributes: 'with attributes' | 'without attributes',
): Buffer {
  const { raw } = new X509Certificate(certificate)
  const digest = createHash('sha256').update(content).digest()
  const told = [
    sequence(objectId('1.2.840.113549.1.9.3'), setOf(data)),
    sequence(objectId('1.2.840.113549.1.9.4'), setOf(octets(digest))),
  ]
  const isTold = attributes === 'with attributes'
  const signer = sequence(
    integer(Buffer.from([1])),
    sequence(sequence(), integer(Buffer.from([7]))),
    sha256,
    ...(isTold ? [tagged(0xa0, ...told)] : []),
    ecdsaWithSha256,
    octets(sign('sha256', isTold ? setOf(...told) : content, key)),
  )
  const signedData = sequence(
    integer(Buffer.from([1])),
    setOf(sha256),
    sequence(data),
    tagged(0xa0, raw),
    setOf(signer),
  )
  return sequence(objectId('1.2.840.113549.1.7.2'), tagged(0xa0, signedData))
}
