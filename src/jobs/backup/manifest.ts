import { BundleDamagedError } from '../../storage/bundle/sealed-stream.ts'
import type { Table } from '../../storage/metadata/catalog.ts'
import type { Row, Value } from '../../storage/metadata/row-export.ts'

/** What a snapshot says of itself. */
export interface Manifest {
  readonly createdAt: number
  /** Of the database that it was made from, which may be older than ours. */
  readonly schemaVersion: number
  /** In an order in which their rows can be inserted. */
  readonly tables: readonly (Table & { readonly rows: number })[]
  readonly blobs: number
  readonly blobBytes: number
}

/** A blob that the snapshot refers to. */
export interface NeededBlob {
  readonly domainId: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** The snapshot's parts beside its tables, which are `tables.<name>`. */
export const BLOBS_PART = 'needed-blobs'
export const FILES_PART = 'files'

export function tablePart(name: string): string {
  return `tables.${name}`
}

/** Throws `BundleDamagedError` when this version can't restore it. */
export function parseManifest(value: unknown, schemaVersion: number): Manifest {
  const manifest = value as Manifest
  if (!Array.isArray(manifest?.tables)) throw new BundleDamagedError('its manifest makes no sense')
  if (manifest.schemaVersion <= schemaVersion) return manifest
  throw new BundleDamagedError('it was made by a newer Packyard: restore it with that one')
}

/** A line per row: JSON, bytes in Base64. */
export function renderRows(rows: readonly Row[]): Buffer {
  const lines = rows.map((row) => {
    return `${JSON.stringify(row.map((value) => (value instanceof Uint8Array ? toBase64(value) : value)))}\n`
  })
  return Buffer.from(lines.join(''))
}

export function parseRow(line: string, { columns }: Table): Row {
  const values = JSON.parse(line) as Value[]
  return columns.map(({ type }, index) => {
    const value = values[index] ?? null
    return type === 'blob' && typeof value === 'string' ? Buffer.from(value, 'base64') : value
  })
}

/** Lines of at most some rows' length, whole. */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
