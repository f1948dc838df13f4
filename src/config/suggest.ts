/** What a misspelt name may have meant. Says nothing of its value, which may be a secret. */
export function suggest(name: string, known: readonly string[]): string {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '')
  const scored = known.map((candidate) => [distance(letters(name), letters(candidate)), candidate] as const)
  const [nearest] = scored.toSorted(([left], [right]) => left - right)
  return nearest && nearest[0] <= 2 ? `did you mean ${nearest[1]}?` : `allowed: ${known.join(', ')}`
}

/** How many letters differ (Levenshtein). */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...left].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= right.length; j++) {
      const change = (row[j - 1] ?? 0) + (letter === right[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
