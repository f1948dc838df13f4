/** One JSON document of a source: a record, or a list of records. */
export interface OsvDocument {
  /** As a person finds it: a path, or a name inside of an archive. */
  readonly name: string
  readonly bytes: Buffer
}

/** Largest document of a folder or an archive, where each holds one record. Unit: bytes. Ours; real ones have some MiB. */
export const RECORD_BYTES_MAX = 32 * 1024 * 1024
