/**
 * Where a text stands in another, from some place on; -1 when it does not. Takes time in proportion to both lengths,
 * whatever is in them. Source: Knuth, Morris and Pratt, "Fast pattern matching in strings".
 */
type Find = (text: string, from: number) => number

function finder(sought: string): Find {
  const fallbacks = fallbacksOf(sought)
  return (text, from) => {
    let matched = 0
    for (let at = from; at < text.length; at++) {
      while (matched > 0 && text[at] !== sought[matched]) matched = fallbacks[matched - 1] ?? 0
      if (text[at] === sought[matched]) matched++
      if (matched === sought.length) return at - matched + 1
    }
    return sought === '' ? from : -1
  }
}

/** For each length that matched: how long the longest beginning is that also ends there. */
function fallbacksOf(sought: string): number[] {
  const fallbacks = [0]
  let length = 0
  for (let at = 1; at < sought.length; at++) {
    while (length > 0 && sought[at] !== sought[length]) length = fallbacks[length - 1] ?? 0
    if (sought[at] === sought[length]) length++
    fallbacks.push(length)
  }
  return fallbacks
}

/**
 * Whether a text is made of these pieces, in order, with anything between them. The first piece found is the best one:
 * what follows has most room left, so nothing is ever tried twice.
 */
export function piecesMatcher(pieces: readonly string[]): (text: string) => boolean {
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (pieces.length === 1) return (text) => text === first
  const between = pieces.slice(1, -1).map((piece) => ({ length: piece.length, find: finder(piece) }))
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
    let at = first.length
    for (const { find, length } of between) {
      const found = find(text, at)
      if (found < 0) return false
      at = found + length
    }
    return at <= text.length - last.length
  }
}
