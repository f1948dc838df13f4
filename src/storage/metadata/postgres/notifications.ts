/** Where commits are announced, and to whom: everybody on this database. */
export const CHANNEL = 'packyard_changes'

/** Source: PostgreSQL, NOTIFY: the payload must be shorter than 8000 bytes. Some are left for what precedes the scopes. */
const PART_BYTES_MAX = 7_800

/** One of the notifications that a transaction sends, in order. */
export interface Announcement {
  readonly xid: string
  readonly isLast: boolean
  readonly scopes: readonly string[]
}

/** The scopes in as few payloads as will hold them, each still without the transaction's id before it. */
export function renderParts(scopes: readonly string[]): string[] {
  const groups: string[][] = [[]]
  let bytes = 0
  for (const scope of scopes) {
    const scopeBytes = Buffer.byteLength(JSON.stringify(scope)) + 1
    if (bytes + scopeBytes > PART_BYTES_MAX) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(scope)
    bytes += scopeBytes
  }
  return groups.map((group, index) => `${index === groups.length - 1 ? 'last' : 'more'} ${JSON.stringify(group)}`)
}

/** Undefined when it isn't one of ours. */
export function parseAnnouncement(payload: string): Announcement | undefined {
  const match = /^(\d+) (more|last) (\[.*\])$/s.exec(payload)
  if (match === null) return undefined
  const [, xid = '', order, scopes = '[]'] = match
  return { xid, isLast: order === 'last', scopes: JSON.parse(scopes) as string[] }
}
