import { createHmac, timingSafeEqual } from 'node:crypto'

/** Bytes of the MAC that are kept; 128 bits cannot be guessed. Ours. */
const MAC_BYTES = 16
/** The model allows 2000, but SDKs do not check, and two names of 255 wide characters need more. Unit: characters. */
const TOKEN_CHARACTERS_MAX = 8000

/** What a token belongs to: it opens no other listing. The size of a page is not part of it. */
export interface Listing {
  /** `ListPackages` */
  readonly operation: string
  /** The parameters that choose what is listed; undefined counts as absent. */
  readonly filters: Readonly<Record<string, string | undefined>>
}

/** The keys of the last item shown, by which the next page starts: never an offset. */
export type PagePosition = readonly (string | number)[]

/** The text was not made here, or was made for another listing. */
export class PageTokenError extends Error {
  constructor() {
    super('nextToken is not a token of this listing: it is damaged, or was returned for other parameters')
    this.name = 'PageTokenError'
  }
}

export interface PageTokens {
  issue(listing: Listing, position: PagePosition): string
  /** Throws `PageTokenError`. */
  read(listing: Listing, token: string): PagePosition
}

/** Opaque tokens without state: the position and its MAC. `key`: 32 secret bytes, the same in every process. */
export function createPageTokens(key: Uint8Array): PageTokens {
  return {
    issue(listing, position) {
      const text = Buffer.from(JSON.stringify(position))
      return Buffer.concat([mac(key, listing, text), text]).toString('base64url')
    },
    read(listing, token) {
      if (token.length > TOKEN_CHARACTERS_MAX || !/^[A-Za-z0-9_-]+$/.test(token)) throw new PageTokenError()
      const bytes = Buffer.from(token, 'base64url')
      // Bits that the last character leaves over are not ours to ignore: one token has one spelling.
      if (bytes.toString('base64url') !== token) throw new PageTokenError()
      const text = bytes.subarray(MAC_BYTES)
      const given = bytes.subarray(0, MAC_BYTES)
      if (given.length < MAC_BYTES || !timingSafeEqual(given, mac(key, listing, text))) throw new PageTokenError()
      // Ours, as the MAC says.
      return JSON.parse(text.toString()) as PagePosition
    },
  }
}

function mac(key: Uint8Array, listing: Listing, position: Buffer): Buffer {
  const filters = Object.entries(listing.filters)
    .filter(([, value]) => value !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
  const bound = JSON.stringify([listing.operation, filters, position.toString('base64url')])
  return createHmac('sha256', key).update(bound).digest().subarray(0, MAC_BYTES)
}
