import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { type BodyOrigin, checkCodings, collectBytes, readBody, tooLarge } from './body.ts'
import type { UpstreamLimits } from './limits.ts'

export interface UpstreamResponse {
  readonly status: number
  /** Of the last redirect. */
  readonly url: URL
  header(name: string): string | undefined
  /** Decoded when it came with a content coding. Must be read or destroyed. */
  readonly body: Readable
  /** The whole body; throws when it is larger. */
  bytes(limitBytes: number): Promise<Buffer>
}

/** What a library's answer means to a caller. Throws on a coding that cannot be decoded. */
export function readResponse(
  data: Dispatcher.ResponseData,
  method: string,
  origin: BodyOrigin,
  limits: UpstreamLimits,
): UpstreamResponse {
  const coding = hasBody(method, data.statusCode) ? headerOf(data, 'content-encoding') : undefined
  checkCodings(coding, origin)
  const body = readBody(data.body, coding, origin, limits)
  return {
    status: data.statusCode,
    url: origin.url,
    header: (name) => (coding && describesCoding(name) ? undefined : headerOf(data, name)),
    body,
    async bytes(limitBytes) {
      if (!coding && Number(headerOf(data, 'content-length') ?? 0) > limitBytes) {
        body.destroy()
        throw tooLarge(limitBytes, origin)
      }
      return collectBytes(body, limitBytes, origin)
    },
  }
}

export function headerOf(data: Dispatcher.ResponseData, name: string): string | undefined {
  const value = data.headers[name.toLowerCase()]
  return Array.isArray(value) ? value.join(', ') : value
}

function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304
}

/** Headers about the bytes on the wire, which a decoded body no longer is. */
function describesCoding(name: string): boolean {
  return /^content-(encoding|length)$/i.test(name)
}
