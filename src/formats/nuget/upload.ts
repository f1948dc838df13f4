import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { HttpError } from '../../http/call.ts'
import { refused } from '../../registry/errors.ts'
import type { StagedAsset } from '../../registry/session.ts'

/**
 * Reads a pushed package into staging as it comes: the first part of a form, whatever it is called, or the body itself.
 * Throws `invalid` when there is none, or the form is damaged.
 */
export async function receivePackage(body: Readable, contentType: string, staged: StagedAsset): Promise<void> {
  if (/^multipart\/form-data\b/i.test(contentType)) await receiveForm(body, contentType, staged)
  else await pipeline(body, staged.writable)
  const { sizeBytes } = await staged.sealed()
  if (sizeBytes === 0) throw refused('the request brings no package')
}

async function receiveForm(body: Readable, contentType: string, staged: StagedAsset): Promise<void> {
  if (!/\bboundary=/i.test(contentType)) throw new HttpError(400, 'a multipart body must have a boundary')
  const form = new Busboy({
    headers: { 'content-type': contentType },
    limits: { headerPairs: 20, headerSize: 16 * 1024, parts: 10 },
    isPartAFile: () => true,
  })
  let received: Promise<void> | undefined
  form.on('file', (_name, stream) => {
    if (received) return void stream.resume()
    // Seen by the pipeline, which may begin only later.
    stream.on('error', () => undefined)
    received = pipeline(stream, staged.writable)
    received.catch((error: Error) => form.destroy(error))
  })
  await readAll(body, form, () => received)
  if (!received) throw refused('the form brings no package')
}

/** The package's own failure says more than that of the form around it. */
async function readAll(body: Readable, form: BusboyInstance, received: () => Promise<void> | undefined): Promise<void> {
  try {
    await pipeline(body, form)
    await received()
  } catch (failure) {
    const error: unknown =
      (await received()?.then(
        () => failure,
        (own: unknown) => own,
      )) ?? failure
    throw error instanceof Error && isParserError(error) ? refused(`the form is damaged: ${error.message}`) : error
  }
}

/** What the parser says of the form has neither a class nor a code of its own. */
function isParserError(error: Error): boolean {
  return error.constructor === Error && !('code' in error)
}
