import ipaddr from 'ipaddr.js'

type Address = ReturnType<typeof ipaddr.parse>

/** Addresses inside public or reserved ranges where clouds answer with an instance's credentials or settings. */
const metadataAddresses = new Set(['168.63.129.16', '192.0.0.192'])

const forbiddenRanges: Readonly<Record<string, string>> = {
  unspecified: 'unspecified',
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'private',
  linkLocal: 'link-local',
  carrierGradeNat: 'carrier-NAT',
}

/**
 * The kind of an address that no upstream may point us at, or undefined when it is harmless. IPv6 forms that carry an
 * IPv4 address count as that address. Reserved ranges are harmless: split DNS uses them.
 */
export function forbiddenKind(text: string): string | undefined {
  const address = parseAddress(text)
  if (!address) return undefined
  if (metadataAddresses.has(address.toString())) return 'metadata'
  return forbiddenRanges[address.range()]
}

/** Whether a URL's host name is an address itself; such names are never looked up. */
export function isAddress(hostname: string): boolean {
  return ipaddr.isValid(bare(hostname))
}

/**
 * What the operator wrote besides the source's own address: `host`, `host:port`, an address, or a range as
 * `10.1.0.0/16`.
 */
export interface AllowedHosts {
  allowsHost(url: URL): boolean
  allowsAddress(address: string): boolean
}

/** Throws on an entry that is none of the forms above. */
export function parseAllowedHosts(entries: readonly string[]): AllowedHosts {
  const ranges: [Address, number][] = []
  const hosts = new Set<string>()
  for (const entry of entries) {
    const range = parseRange(entry)
    if (range) ranges.push(range)
    else hosts.add(parseHost(entry))
  }
  return {
    allowsHost: (url) => hosts.has(url.hostname) || hosts.has(`${url.hostname}:${portOf(url)}`),
    allowsAddress: (text) => {
      const address = parseAddress(text)
      return address !== undefined && ranges.some(([base, bits]) => isWithin(address, base, bits))
    },
  }
}

/** The port that a URL means, its scheme's own where it names none. */
export function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80')
}

function parseRange(entry: string): [Address, number] | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry)
  const address = parseAddress(entry)
  return address && [address, address.kind() === 'ipv4' ? 32 : 128]
}

function parseHost(entry: string): string {
  const bareHost = /^[^/\s@?#]+$/.test(entry) ? URL.parse(`http://${entry}`) : null
  if (!bareHost) throw new TypeError(`'${entry}' must be a host, host:port, address, or range as 10.1.0.0/16`)
  return /:\d+$/.test(entry) ? `${bareHost.hostname}:${portOf(bareHost)}` : bareHost.hostname
}

function isWithin(address: Address, base: Address, bits: number): boolean {
  return address.kind() === base.kind() && address.match(base, bits)
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function parseAddress(text: string): Address | undefined {
  const plain = bare(text)
  if (!ipaddr.isValid(plain)) return undefined
  const address = ipaddr.parse(plain)
  return address instanceof ipaddr.IPv6 ? (carriedAddress(address) ?? address) : address
}

/**
 * The IPv4 address inside an IPv6 one: mapped and translated forms, NAT64 and 6to4 all reach it.
 * Source: RFC 4291 2.5.5, RFC 6145, RFC 6052, RFC 3056.
 */
function carriedAddress(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const offset = carriedAt[address.range()]
  return offset === undefined ? undefined : new ipaddr.IPv4(address.toByteArray().slice(offset, offset + 4))
}

const carriedAt: Readonly<Record<string, number>> = { ipv4Mapped: 12, rfc6145: 12, rfc6052: 12, '6to4': 2 }
