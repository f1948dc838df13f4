import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { HttpError } from '../../http/call.ts'
import { refused } from '../../registry/errors.ts'
import type { StagedAsset } from '../../registry/session.ts'
import { ARCHIVE_ASSET, ARCHIVE_SIGNATURE_ASSET, METADATA_ASSET, METADATA_SIGNATURE_ASSET } from './names.ts'

/** Largest metadata. Unit: bytes. Ours. */
const METADATA_BYTES_MAX = 1024 * 1024

/** Largest signature: it is told in headers too, of which clients take no more. Unit: bytes. Ours; real ones have 2 to 6 kB. */
const SIGNATURE_BYTES_MAX = 32 * 1024

/** Parts of a publish, the assets that they become, and what they may weigh. Source: SE-0391, and what SwiftPM sends. */
const parts: ReadonlyMap<string, { readonly asset: string; readonly bytesMax: number }> = new Map([
  ['source-archive', { asset: ARCHIVE_ASSET, bytesMax: Number.POSITIVE_INFINITY }],
  ['source-archive-signature', { asset: ARCHIVE_SIGNATURE_ASSET, bytesMax: SIGNATURE_BYTES_MAX }],
  ['metadata', { asset: METADATA_ASSET, bytesMax: METADATA_BYTES_MAX }],
  ['metadata-signature', { asset: METADATA_SIGNATURE_ASSET, bytesMax: SIGNATURE_BYTES_MAX }],
])

/** A publish's parts by the names of their assets. Dispose of it in any case: that removes what was not published. */
export interface PublishForm extends AsyncDisposable {
  readonly assets: ReadonlyMap<string, StagedAsset>
}

/**
 * Reads a form as it comes, every part straight into staging and as it is: SwiftPM labels metadata quoted-printable that is
 * not. Throws `invalid` on a damaged form.
 */
export async function receiveForm(
  body: Readable,
  contentType: string,
  open: () => Promise<StagedAsset>,
): Promise<PublishForm> {
  await using reading = new AsyncDisposableStack()
  const form = createParser(contentType)
  const received = new Map<string, Promise<StagedAsset>>()
  form.on('file', (name, stream) => {
    const part = parts.get(name)
    if (!part) return void stream.resume()
    if (received.has(part.asset)) return void form.destroy(refused(`the form holds the part ${name} twice`))
    // Seen by the pipeline, which may begin only later.
    stream.on('error', () => undefined)
    const staged = receivePart({ name, stream, bytesMax: part.bytesMax }, open, reading)
    received.set(part.asset, staged)
    staged.catch((error: Error) => form.destroy(error))
  })
  await readAll(body, form, received)
  const assets = new Map<string, StagedAsset>()
  for (const [asset, staged] of received) assets.set(asset, await staged)
  const kept = reading.move()
  return { assets, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

function createParser(contentType: string): BusboyInstance {
  if (!/^multipart\/form-data\s*;.*\bboundary=/i.test(contentType)) {
    const shown = contentType.slice(0, 100)
    throw new HttpError(422, `a publish must be multipart/form-data with a boundary, and is '${shown}'`)
  }
  return new Busboy({
    headers: { 'content-type': contentType },
    limits: { fieldNameSize: 100, headerPairs: 20, headerSize: 16 * 1024, parts: 20 },
    isPartAFile: () => true,
  })
}

interface IncomingPart {
  readonly name: string
  readonly stream: BusboyFileStream
  readonly bytesMax: number
}

async function receivePart(
  { name, stream, bytesMax }: IncomingPart,
  open: () => Promise<StagedAsset>,
  reading: AsyncDisposableStack,
): Promise<StagedAsset> {
  const staged = reading.use(await open())
  await pipeline(stream, limited(name, bytesMax), staged.writable)
  const { sizeBytes } = await staged.sealed()
  if (sizeBytes === 0) throw refused(`the part ${name} is empty`)
  return staged
}

function limited(name: string, bytesMax: number) {
  return async function* limit(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new HttpError(413, `the part ${name} is larger than ${bytesMax} bytes`)
      yield chunk
    }
  }
}

/** A part's own failure says more than that of the form around it. */
async function readAll(
  body: Readable,
  form: BusboyInstance,
  received: ReadonlyMap<string, Promise<StagedAsset>>,
): Promise<void> {
  try {
    await pipeline(body, form)
  } catch (failure) {
    const settled = await Promise.allSettled(received.values())
    const own = settled.find((each) => each.status === 'rejected')
    const error: unknown = own ? own.reason : failure
    throw error instanceof Error && isParserError(error) ? refused(`the form is damaged: ${error.message}`) : error
  }
}

/** What the parser says of the form has neither a class nor a code of its own. */
function isParserError(error: Error): boolean {
  return error.constructor === Error && !('code' in error)
}
