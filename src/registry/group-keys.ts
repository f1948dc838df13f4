import { appearanceOf } from './look-alike.ts'
import { prefixEnd } from './pages.ts'

/**
 * Patterns and paths as texts in which "the pattern takes in the path" is "the one begins with the other", so that a
 * group is a range of an index, ranges lie apart or within each other, and the most specific group is the longest
 * beginning. For that a mark stands before every place where no word goes on, and another one at a path's end.
 */

/** Sorts before all that stands in names. */
const WORD_END = '\u0001'
const PATH_END = '\u0002'

/** What a package group's last character says: see `GroupPattern`. */
export type GroupPatternEnd = '$' | '~' | '*'

/** Of a path, as it is spelt: what the spelling keys of the patterns that take it in begin it with. */
export function pathKey(path: string): string {
  return mark(path) + WORD_END + PATH_END
}

/** As `pathKey`, of what the path looks like: it begins with the appearance key of each pattern that claims it. */
export function pathAppearanceKey(path: string): string {
  return pathKey(appearanceOf(path))
}

/** `body`: a pattern without its last character. */
export function patternKey(body: string, end: GroupPatternEnd): string {
  switch (end) {
    case '*':
      return mark(body)
    case '~':
      return mark(body) + WORD_END
    case '$':
      return pathKey(body)
  }
}

/** What the keys of patterns begin with whose text goes on after this one. */
export function prefixKey(text: string): string {
  return mark(text)
}

/** Behind all keys that begin with this one, and before all others that stand behind it. */
export function keysEnd(key: string): string {
  return prefixEnd(key)
}

/** The next text that can be a key. */
export function afterKey(key: string): string {
  return key + WORD_END
}

/** All that a key begins with, itself included: the keys of whatever may take it in. */
export function keyPrefixes(key: string): string[] {
  const prefixes: string[] = []
  let length = 0
  for (const character of key) prefixes.push(key.slice(0, (length += character.length)))
  return prefixes
}

/** A word is letters, digits and marks; there are no words inside of it. Names may have the marks' own characters. */
function mark(text: string): string {
  return text.replace(/[\u0001\u0002]/g, '\ufffd').replace(/[^\p{L}\p{N}\p{M}]/gu, `${WORD_END}$&`)
}
