import type { RandomBytes } from './keyring.ts'

/** Source of the alphabet and the lengths: IAM User Guide, "IAM identifiers", "Unique identifiers". */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `AKIA` and 16 characters. */
export function newAccessKeyId(randomBytes: RandomBytes): string {
  return `AKIA${randomLetters(randomBytes, 16)}`
}

/** Of temporary credentials: `ASIA` and 16 characters. */
export function newTemporaryKeyId(randomBytes: RandomBytes): string {
  return `ASIA${randomLetters(randomBytes, 16)}`
}

/** `AIDA` and 17 characters. */
export function newUserId(randomBytes: RandomBytes): string {
  return newEntityId('AIDA', randomBytes)
}

/** The prefix says what it is, and 17 characters which. */
export function newEntityId(prefix: 'AIDA' | 'AGPA' | 'AROA' | 'ANPA' | 'AOIP', randomBytes: RandomBytes): string {
  return `${prefix}${randomLetters(randomBytes, 17)}`
}

/** 40 characters of letters, digits, `+` and `/`: 30 bytes. */
export function newSecretAccessKey(randomBytes: RandomBytes): string {
  return randomBytes(30).toString('base64')
}

/** Five bits of each byte; 32 divides 256, so that no letter is likelier than another. */
function randomLetters(randomBytes: RandomBytes, count: number): string {
  return Array.from(randomBytes(count), (byte) => ALPHABET.charAt(byte & 31)).join('')
}
