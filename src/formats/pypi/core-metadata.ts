/** Longest description that is kept as a readme; what is longer is cut. Unit: characters. Ours. */
const DESCRIPTION_LENGTH_MAX = 1024 * 1024

/** Longest value of any other field. Unit: characters. Source: CodeArtifact User Guide: larger items are dropped. */
const VALUE_LENGTH_MAX = 400 * 1024

/** METADATA or PKG-INFO. Source: PyPA specification, "Core metadata specifications". */
export interface CoreMetadata {
  /** By name in lower case, in order; `description` is not among them. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  readonly description: string | undefined
}

/** Never throws: what makes no sense is left out. UTF-8, and Latin-1 where it is not. */
export function parseCoreMetadata(bytes: Buffer): CoreMetadata {
  const text = decode(bytes)
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
  const end = text.search(/^\n|\n\n/)
  const head = end < 0 ? text : text.slice(0, end)
  const body = end < 0 ? '' : text.slice(end).replace(/^\n{1,2}/, '')
  const fields: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  for (const [name, value] of readHeaders(head)) {
    if (value.length > VALUE_LENGTH_MAX && name !== 'description') continue
    ;(fields[name] ??= []).push(value)
  }
  const description = fields['description']?.[0] ?? body
  delete fields['description']
  return {
    fields: { ...fields },
    description: description.trim() === '' ? undefined : description.slice(0, DESCRIPTION_LENGTH_MAX),
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/** A line that starts with white space goes on with the one before. */
function* readHeaders(head: string): Generator<[name: string, value: string]> {
  let current: [string, string[]] | undefined
  for (const line of head.split('\n')) {
    if (/^[ \t]/.test(line)) {
      current?.[1].push(unfold(line))
      continue
    }
    if (current) yield [current[0], current[1].join('\n')]
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    current = /^[a-z][a-z0-9-]*$/.test(name) ? [name, [line.slice(colon + 1).trim()]] : undefined
  }
  if (current) yield [current[0], current[1].join('\n')]
}

/** Old tools prefix the lines of a description with a bar or with eight spaces. */
function unfold(line: string): string {
  return line.replace(/^(?: {7}\|| {8}|[ \t]+)/, '')
}

/** The field's first value that says something: old tools write UNKNOWN for nothing. */
export function fieldOf(metadata: Pick<CoreMetadata, 'fields'>, name: string): string | undefined {
  const value = metadata.fields[name]?.[0]
  return value === undefined || value === '' || value === 'UNKNOWN' ? undefined : value
}

export function fieldsOf(metadata: Pick<CoreMetadata, 'fields'>, name: string): readonly string[] {
  return (metadata.fields[name] ?? []).filter((value) => value !== '' && value !== 'UNKNOWN')
}
