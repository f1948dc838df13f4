import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { HttpError } from '../../http/call.ts'
import { refused } from '../../registry/errors.ts'
import type { Asset } from '../../registry/model.ts'
import type { StagedAsset } from '../../registry/session.ts'

/** All that a form may hold beside the file. Unit: bytes. Ours; descriptions have been megabytes. */
const FIELDS_BYTES_MAX = 16 * 1024 * 1024

/** Longest single field. Unit: bytes. Ours. */
const FIELD_BYTES_MAX = 10 * 1024 * 1024

/** Most fields; a classifier is one each. Ours. */
const FIELDS_MAX = 10_000

export type FormFields = ReadonlyMap<string, readonly string[]>

/** An upload's form. Dispose of it in any case: that removes what was staged and not published. */
export interface UploadForm extends AsyncDisposable {
  readonly fields: FormFields
  readonly content: UploadedFile | undefined
}

export interface UploadedFile {
  /** As the client gave it. Never believed. */
  readonly filename: string
  readonly contentType: string
  readonly staged: StagedAsset
  readonly sealed: Omit<Asset, 'name'>
}

/** Opens a place for the file; `fields` are those that came before it, and may be reason enough to refuse. */
export type OpenStage = (fields: FormFields) => Promise<StagedAsset>

/** Reads a form as it comes: the part `content` goes into staging, and no more than a piece of it is held. */
export async function receiveForm(body: Readable, contentType: string, open: OpenStage): Promise<UploadForm> {
  await using reading = new AsyncDisposableStack()
  const form = createParser(contentType)
  const fields = readFields(form)
  const files: Promise<UploadedFile>[] = []
  const fail = (error: Error) => form.destroy(error)
  form.on('file', (name, stream, filename, _encoding, type) => {
    // The parser goes on to the end of what it has at hand, also when the form has been refused.
    if (name !== 'content' || form.destroyed) return void stream.resume()
    if (files.length > 0) return void form.destroy(refused('the form must hold one part content, and holds more'))
    const file = receiveFile({ stream, filename, contentType: type }, () => open(fields), reading)
    files.push(file)
    file.catch(fail)
    // Or nobody would ever end it.
    form.once('error', (error: Error) => stream.destroy(error))
  })
  await readAll(body, form, files)
  const content = await files[0]
  const kept = reading.move()
  return { fields, content, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** The file's own failure says more than that of the form around it. */
async function readAll(body: Readable, form: BusboyInstance, files: readonly Promise<UploadedFile>[]): Promise<void> {
  try {
    await pipeline(body, form)
  } catch (error) {
    const failure: unknown = await files[0]?.then(
      () => error,
      (own: unknown) => own,
    )
    throw explained(failure ?? error)
  }
}

function explained(error: unknown): unknown {
  return error instanceof Error && isParserError(error) ? refused(`the form is damaged: ${error.message}`) : error
}

/** What the parser says of the form has neither a class nor a code of its own. */
function isParserError(error: Error): boolean {
  return error.constructor === Error && !('code' in error)
}

function createParser(contentType: string): BusboyInstance {
  if (!/^multipart\/form-data\s*;.*\bboundary=/i.test(contentType)) {
    throw new HttpError(
      400,
      `an upload must be multipart/form-data with a boundary, and is '${contentType.slice(0, 100)}'`,
    )
  }
  return new Busboy({
    headers: { 'content-type': contentType },
    preservePath: true,
    limits: { fieldNameSize: 100, fieldSize: FIELD_BYTES_MAX, headerPairs: 20, headerSize: 16 * 1024 },
    // A part without a file name is a field, whatever type it says it is of.
    isPartAFile: (_name, _type, filename) => filename !== undefined,
  })
}

function readFields(form: BusboyInstance): FormFields {
  const fields = new Map<string, string[]>()
  let count = 0
  let sizeBytes = 0
  form.on('field', (name, value, _isNameCut, isValueCut) => {
    count += 1
    sizeBytes += Buffer.byteLength(value)
    if (isValueCut) form.destroy(refused(`form field ${name} has more than ${FIELD_BYTES_MAX} bytes`))
    else if (count > FIELDS_MAX) form.destroy(refused(`the form has more than ${FIELDS_MAX} fields`))
    else if (sizeBytes > FIELDS_BYTES_MAX)
      form.destroy(refused(`the form has more than ${FIELDS_BYTES_MAX} bytes of text`))
    // Empty is absent: clients send fields that they have nothing for.
    if (value.trim() === '') return
    const values = fields.get(name)
    if (values) values.push(value)
    else fields.set(name, [value])
  })
  return fields
}

interface IncomingFile {
  readonly stream: BusboyFileStream
  readonly filename: string
  readonly contentType: string
}

async function receiveFile(
  { stream, filename, contentType }: IncomingFile,
  open: () => Promise<StagedAsset>,
  reading: AsyncDisposableStack,
): Promise<UploadedFile> {
  // Seen by the pipeline, which may begin only later.
  stream.on('error', () => undefined)
  const staged = reading.use(await open())
  await pipeline(stream, staged.writable)
  return { filename, contentType, staged, sealed: await staged.sealed() }
}

/** A field's only value; undefined when there is none. Throws `invalid` when there are two. */
export function fieldOnce(fields: FormFields, name: string): string | undefined {
  const values = fields.get(name) ?? []
  if (values.length > 1) throw refused(`form field ${name} must stand once, and stands ${values.length} times`)
  return values[0]?.trim()
}
