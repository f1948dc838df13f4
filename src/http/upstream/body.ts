import { type Readable, Transform, type TransformCallback } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { UpstreamLimits } from './limits.ts'
import { explainFailure, showUrl, UpstreamError } from './upstream-error.ts'

/** Where a body comes from, for its messages. */
export interface BodyOrigin {
  readonly name: string
  readonly url: URL
  /** Aborted when the caller gives up; its reason is then the body's error. */
  readonly signal: AbortSignal
}

/** Base-2 logarithm of the largest zstd window that we decode: 8 MiB. Source: RFC 9659 section 3. */
const ZSTD_WINDOW_LOG_MAX = 23

/** Codings upon codings that are decoded. Ours: more than two serve no client. */
const CODINGS_MAX = 2

/**
 * The bytes meant, whatever coding they came in. It must be read or destroyed; it ends with an `UpstreamError` when the
 * upstream breaks off, sends what cannot be decoded, or makes no progress while its reader waits.
 */
export function readBody(
  raw: Readable,
  coding: string | undefined,
  origin: BodyOrigin,
  limits: UpstreamLimits,
): Readable {
  const decoders = codingsOf(coding).map((name) => decoderOf(name, origin))
  return joined([raw, ...decoders, watchProgress(origin, limits)], origin)
}

/** The whole of a body. Throws `too-large` when it holds more, and then stops reading. */
export async function collectBytes(body: Readable, limitBytes: number, origin: BodyOrigin): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limitBytes) throw tooLarge(limitBytes, origin)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

export function tooLarge(limitBytes: number, { name, url }: BodyOrigin): UpstreamError {
  return new UpstreamError('too-large', `${name} sent more than ${limitBytes} bytes for ${showUrl(url)}`)
}

/** The codings to undo, outermost first. Source: RFC 9110 8.4. */
function codingsOf(header: string | undefined): string[] {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity').reverse()
}

function decoderOf(coding: string, { name, url }: BodyOrigin): Transform {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } })
    default: {
      const message = `${name} answered ${showUrl(url)} in the content coding '${coding.slice(0, 40)}', which nobody asked for`
      throw new UpstreamError('broken', message)
    }
  }
}

/** Throws before a decoder is made when there are too many. */
export function checkCodings(header: string | undefined, { name, url }: BodyOrigin): void {
  if (codingsOf(header).length <= CODINGS_MAX) return
  throw new UpstreamError('broken', `${name} answered ${showUrl(url)} in more than ${CODINGS_MAX} content codings`)
}

/** Like `pipeline`, but the last stream fails with an error that says what happened. */
function joined(streams: [Readable, ...Transform[]], origin: BodyOrigin): Readable {
  const last = streams.at(-1) as Transform
  for (const [index, stream] of streams.entries()) {
    const next = streams[index + 1] as Transform | undefined
    if (!next) continue
    stream.on('error', (cause) => last.destroy(explainBreak(origin, cause)))
    stream.on('close', () => {
      if (!stream.readableEnded) last.destroy(explainBreak(origin, undefined))
    })
    stream.pipe(next)
  }
  last.on('close', () => {
    for (const stream of streams) stream.destroy()
  })
  return last
}

function explainBreak({ name, url, signal }: BodyOrigin, cause: unknown): Error {
  return signal.aborted && signal.reason instanceof Error ? signal.reason : explainFailure(name, url, cause)
}

/** Passes bytes on and fails when too few come in a window in which the reader took all there was. */
function watchProgress(origin: BodyOrigin, limits: UpstreamLimits): Transform {
  let bytes = 0
  let wasFull = false
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      bytes += chunk.length
      done(null, chunk)
      wasFull ||= isFull(watch)
    },
    flush(done) {
      clearInterval(timer)
      done()
    },
  })
  const timer = setInterval(() => {
    const isStuck = bytes < limits.progressBytesMin && !wasFull
    bytes = 0
    wasFull = isFull(watch)
    if (isStuck) watch.destroy(noProgress(origin, limits))
  }, limits.progressWindowMs)
  timer.unref()
  return watch.on('close', () => clearInterval(timer))
}

function isFull(stream: Readable): boolean {
  return stream.readableLength >= stream.readableHighWaterMark
}

function noProgress({ name, url }: BodyOrigin, limits: UpstreamLimits): UpstreamError {
  const rule = `fewer than ${limits.progressBytesMin} bytes in ${limits.progressWindowMs} ms`
  return new UpstreamError('timeout', `${name} sends too slowly (${rule}) from ${showUrl(url)}`, { isPassing: true })
}
