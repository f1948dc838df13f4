import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { refused } from '../../registry/errors.ts'
import type { StagedAsset } from '../../registry/session.ts'
import { listOf } from '../json.ts'

/** Largest list of attestations. Unit: bytes. Ours; one has some 10 KB. */
const ATTESTATIONS_BYTES_MAX = 4 * 1024 * 1024

/** A gem that was sent. Dispose of it in any case. */
export interface PushedBody extends AsyncDisposable {
  readonly staged: StagedAsset
  readonly attestations: readonly unknown[]
}

/** The gem alone, as `gem push` sends it; or in a form with its attestations. Nothing of it is held in memory. */
export async function receivePush(
  body: Readable,
  contentType: string,
  open: () => Promise<StagedAsset>,
): Promise<PushedBody> {
  await using reading = new AsyncDisposableStack()
  const staged = reading.use(await open())
  const isForm = /^multipart\/form-data\s*;.*\bboundary=/i.test(contentType)
  if (!isForm) await pipeline(body, staged.writable)
  const attestations = isForm ? await receiveForm(body, contentType, staged) : []
  const kept = reading.move()
  return { staged, attestations, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function receiveForm(body: Readable, contentType: string, staged: StagedAsset): Promise<readonly unknown[]> {
  const form = new Busboy({
    headers: { 'content-type': contentType },
    limits: { fieldSize: ATTESTATIONS_BYTES_MAX, fields: 10, parts: 20, headerPairs: 20, headerSize: 16 * 1024 },
    isPartAFile: (name) => name === 'gem',
  })
  let attestations: readonly unknown[] = []
  let written: Promise<void> | undefined
  form.on('field', (name, value, _isNameCut, isValueCut) => {
    if (name !== 'attestations') return
    if (isValueCut) form.destroy(refused(`attestations have more than ${ATTESTATIONS_BYTES_MAX} bytes`))
    else attestations = parseAttestations(value, form)
  })
  form.on('file', (_name, stream: BusboyFileStream) => {
    if (written) return void form.destroy(refused('the form must hold one part gem, and holds more'))
    stream.on('error', () => undefined)
    written = pipeline(stream, staged.writable)
    written.catch((error: Error) => form.destroy(error))
  })
  await readAll(body, form)
  if (!written) throw refused('the form holds no part gem')
  await written
  return attestations
}

function parseAttestations(text: string, form: BusboyInstance): readonly unknown[] {
  try {
    return listOf(JSON.parse(text))
  } catch {
    form.destroy(refused('attestations are not JSON'))
    return []
  }
}

/** What the parser says of a damaged form has neither a class nor a code of its own. */
async function readAll(body: Readable, form: BusboyInstance): Promise<void> {
  try {
    await pipeline(body, form)
  } catch (error) {
    const isOfParser = error instanceof Error && error.constructor === Error && !('code' in error)
    throw isOfParser ? refused(`the form is damaged: ${error.message}`) : error
  }
}
