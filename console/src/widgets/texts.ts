const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

/** `1.5 MB`; a KB has 1,000 bytes. */
export function renderBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power]}`
}

/** In the reader's own time zone and manner. `seconds` since 1970. */
export function renderTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

/** As its own clients write it: `@acme/widgets`, `com.acme:widgets`. */
export function renderPackage({ format, namespace, package: name }: NamedPackage): string {
  if (namespace === undefined || namespace === '') return name
  const [before, between] = writing[format] ?? ['', '/']
  return `${before}${namespace}${between}${name}`
}

interface NamedPackage {
  readonly format: string
  readonly namespace?: string | undefined
  readonly package: string
}

/** What stands before a namespace, and between it and the name. Source: each client's own documentation. */
const writing: Readonly<Record<string, readonly [string, string]>> = {
  npm: ['@', '/'],
  maven: ['', ':'],
  swift: ['', '.'],
}

/** As `renderTime`, of ISO 8601. */
export function renderIsoTime(text: string): string {
  return renderTime(Date.parse(text) / 1000)
}
