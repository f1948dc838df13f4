import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { type Call, HttpError } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
} as const

/** The body as it was before its content coding. Must be read to its end or returned, so that the body is let go of. */
export async function* readChunks(call: Call): AsyncGenerator<Buffer> {
  const coding = call.header('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (coding === 'identity' || coding === '') yield* call.body as AsyncIterable<Buffer>
  else if (isDecoder(coding)) yield* decodedChunks(call.body, coding)
  else throw new HttpError(415, `Content-Encoding '${coding}' is not understood; use gzip or none`)
}

function isDecoder(coding: string): coding is keyof typeof decoders {
  return Object.hasOwn(decoders, coding)
}

async function* decodedChunks(body: Readable, coding: keyof typeof decoders): AsyncGenerator<Buffer> {
  const decoder = decoders[coding]()
  body.on('error', (error) => decoder.destroy(error))
  try {
    yield* body.pipe(decoder) as AsyncIterable<Buffer>
  } catch (cause) {
    if (body.errored) throw body.errored
    throw new RegistryError('invalid', `the body is not ${coding}`, { cause, reason: 'CANNOT_PARSE' })
  } finally {
    body.destroy()
    decoder.destroy()
  }
}

/** A small JSON body, whole. Throws `quota` above the limit and `invalid` when it is not JSON. */
export async function readJson(call: Call, limitBytes: number): Promise<unknown> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of readChunks(call)) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  }
  return parseJson(Buffer.concat(chunks))
}

export function tooLarge(limitBytes: number): RegistryError {
  return new RegistryError('quota', `the document is larger than ${limitBytes} bytes`)
}

/** Throws `invalid`. A byte order mark is no mistake. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new RegistryError('invalid', 'the body is not JSON', { cause, reason: 'CANNOT_PARSE' })
  }
}
