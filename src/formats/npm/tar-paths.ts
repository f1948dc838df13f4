import { posix } from 'node:path'
import { refused } from '../../registry/errors.ts'

/** What a tar entry says of itself. */
export interface EntryHeader {
  readonly path: string
  readonly type: string
  readonly linkpath?: string | undefined
}

/** A path inside the package: npm cuts off the first folder, whatever it is called; '' for what stands beside it. */
export function strippedPath(path: string): string {
  const at = path.indexOf('/')
  return at < 0 ? '' : path.slice(at + 1)
}

/** Throws `invalid` for an entry that would leave the package's own folder, or is no file at all. */
export function checkEntry(entry: EntryHeader): void {
  if (leaves(entry.path)) throw refused(`the tarball holds a path outside of itself: '${shown(entry.path)}'`)
  switch (entry.type) {
    case 'SymbolicLink':
      return checkLink(entry, posix.join(posix.dirname(entry.path), entry.linkpath ?? ''))
    case 'Link':
      return checkLink(entry, entry.linkpath ?? '')
    case 'CharacterDevice':
    case 'BlockDevice':
    case 'FIFO':
      throw refused(`the tarball holds a device: '${shown(entry.path)}'`)
    default:
      return
  }
}

function checkLink(entry: EntryHeader, target: string): void {
  const [root] = entry.path.split('/')
  const path = posix.normalize(target)
  const isInside = path === root || path.startsWith(`${root}/`)
  if (!isInside || isAbsolute(entry.linkpath ?? '') || entry.linkpath?.includes('\\')) {
    throw refused(`the tarball holds a link that points outside of it: '${shown(entry.path)}'`)
  }
}

function leaves(path: string): boolean {
  return isAbsolute(path) || path.includes('\0') || path.split(/[/\\]/).includes('..')
}

/** On any system: `/x`, `\x` and `C:x`. */
function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path)
}

function shown(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path
}
