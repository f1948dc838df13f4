import { posix } from 'node:path'
import { refused } from '../registry/errors.ts'

/** What a tar entry says of itself. */
export interface EntryHeader {
  readonly path: string
  readonly type: string
  readonly linkpath?: string | undefined
}

export interface PathRules {
  /** What refusals call the archive: `the tarball`. */
  readonly what: string
  /** Characters that no path may have. */
  readonly forbidden: RegExp
  /** The folder that an entry's links must stay in. */
  rootOf(path: string): string | undefined
}

/** Throws `invalid` for an entry that would leave its own folder, or is no file at all. */
export function checkEntry({ path, type, linkpath = '' }: EntryHeader, rules: PathRules): void {
  if (leaves(path, rules.forbidden)) throw refused(`${rules.what} holds a path outside of itself: '${shown(path)}'`)
  if (isDevice(type)) throw refused(`${rules.what} holds a device: '${shown(path)}'`)
  if (type !== 'SymbolicLink' && type !== 'Link') return
  const target = linkTarget({ path, type, linkpath })
  const root = rules.rootOf(path)
  const isInside = target === root || target.startsWith(`${root}/`)
  if (isInside && !isAbsolute(linkpath) && !linkpath.includes('\\')) return
  throw refused(`${rules.what} holds a link that points outside of it: '${shown(path)}'`)
}

/** Where a link leads: a symbolic one from its own folder, a hard one from the archive's. */
export function linkTarget({ path, type, linkpath = '' }: EntryHeader): string {
  return posix.normalize(type === 'SymbolicLink' ? posix.join(posix.dirname(path), linkpath) : linkpath)
}

export function isDevice(type: string): boolean {
  return type === 'CharacterDevice' || type === 'BlockDevice' || type === 'FIFO'
}

export function leaves(path: string, forbidden: RegExp): boolean {
  return isAbsolute(path) || forbidden.test(path) || path.split(/[/\\]/).includes('..')
}

/** On any system: `/x`, `\x` and `C:x`. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path)
}

/** As much of a path as a refusal needs. */
export function shown(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path
}
