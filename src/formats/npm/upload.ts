import { pipeline } from 'node:stream/promises'
import { refused } from '../../registry/errors.ts'
import type { Asset } from '../../registry/model.ts'
import type { StagedAsset } from '../../registry/session.ts'
import { AttachmentScanner, type ScanEvent } from './attachment-scanner.ts'
import { Base64Decoder } from './base64.ts'
import type { JsonObject } from '../json.ts'
import { isObject } from '../json.ts'
import { parseJson, tooLarge } from './request-body.ts'

/** Largest document around a tarball: manifest, readme and provenance. Unit: bytes. Ours. */
const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024

/** What `PUT /{name}` brought. Dispose of it in any case: that removes what was staged and not published. */
export interface Upload extends AsyncDisposable {
  readonly document: JsonObject
  /** The `_attachments` entry that ends in `.tgz`, its text taken out and decoded on the way. */
  readonly tarball: UploadedTarball | undefined
}

export interface UploadedTarball {
  /** The attachment's key, as `@acme/widgets-1.0.0.tgz`. Never believed. */
  readonly key: string
  readonly staged: StagedAsset
  readonly sealed: Omit<Asset, 'name'>
}

/**
 * Reads a document and stages the tarball in it, holding no more of that than a piece. `stage` is called where the
 * tarball begins, so that whoever may not publish is refused before anything is stored.
 */
export async function receiveUpload(chunks: AsyncIterable<Buffer>, stage: () => Promise<StagedAsset>): Promise<Upload> {
  await using staging = new AsyncDisposableStack()
  await using events = scan(chunks)
  const rest = new Rest()
  let tarball: UploadedTarball | undefined
  for (let event = await nextOf(events); event; event = await nextOf(events)) {
    if (event.kind === 'rest') rest.push(event.bytes)
    if (event.kind !== 'open') continue
    if (tarball) throw refused('_attachments must hold exactly one .tgz')
    const staged = staging.use(await stage())
    await pipeline(decode(events), staged.writable)
    tarball = { key: event.key, staged, sealed: await staged.sealed() }
  }
  const document = rest.parse()
  const kept = staging.move()
  return { document, tarball, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

type Events = AsyncGenerator<ScanEvent, undefined>

async function nextOf(events: Events): Promise<ScanEvent | undefined> {
  return (await events.next()).value
}

async function* scan(chunks: AsyncIterable<Buffer>): Events {
  const scanner = new AttachmentScanner()
  for await (const chunk of chunks) yield* scanner.scan(chunk)
  return undefined
}

/** The tarball's bytes, up to where its text ends; `events` goes on from there. */
async function* decode(events: Events): AsyncGenerator<Buffer> {
  const decoder = new Base64Decoder()
  for (;;) {
    const event = await nextOf(events)
    if (!event) throw refused('the body breaks off within the tarball')
    if (event.kind === 'close') return decoder.end()
    if (event.kind !== 'data') continue
    const bytes = decoder.decode(event.bytes)
    if (bytes.length > 0) yield bytes
  }
}

class Rest {
  readonly #chunks: Buffer[] = []
  #sizeBytes = 0

  push(bytes: Buffer): void {
    this.#sizeBytes += bytes.length
    if (this.#sizeBytes > DOCUMENT_BYTES_MAX) throw tooLarge(DOCUMENT_BYTES_MAX)
    this.#chunks.push(bytes)
  }

  parse(): JsonObject {
    const document = parseJson(Buffer.concat(this.#chunks))
    if (isObject(document)) return document
    throw refused('the body must be a JSON object')
  }
}
