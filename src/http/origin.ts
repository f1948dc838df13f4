import type { IncomingMessage } from 'node:http'

/** Says under which address a client reached us: scheme, host and port, without a final slash. */
export type OriginRule = (request: IncomingMessage) => string

/**
 * With a public address, always that. Without one, the Host header as the client sent it, so that localhost, 127.0.0.1
 * and a name in the local network all get addresses back that work for them; or `fallback` where it is no host at all.
 * Forwarding headers are not believed: an operator behind a proxy sets the public address.
 */
export function createOriginRule(publicUrl: string | undefined, fallback: string): OriginRule {
  if (publicUrl !== undefined) return () => publicUrl
  const scheme = fallback.startsWith('https:') ? 'https' : 'http'
  let lastHost = ''
  let lastOrigin = fallback
  return ({ headers: { host = '' } }) => {
    // Nearly every request comes by the same name.
    if (host === lastHost) return lastOrigin
    lastHost = host
    lastOrigin = isHost(host) ? `${scheme}://${host}` : fallback
    return lastOrigin
  }
}

/** Source: RFC 3986, section 3.2.2; percent-encoded names are left out, as no DNS name needs them. */
const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]{0,253})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i

/** Whether a text is `host` or `host:port`, and nothing that could change the meaning of an address it is put into. */
function isHost(text: string): boolean {
  return text.length <= 261 && hostPattern.test(text)
}
