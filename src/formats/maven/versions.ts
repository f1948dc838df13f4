/**
 * The order of Maven's versions. Source: Maven reference, "Version Order Specification", and what Maven 3.9's own
 * `ComparableVersion` makes of the same texts.
 */
type Item =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'qualifier'; readonly text: string }
  /** A qualifier with a number behind it, as `rc1`. */
  | { readonly kind: 'combined'; readonly text: string; readonly number: bigint }
  | { readonly kind: 'list'; readonly items: Item[] }

const zero: Item = { kind: 'number', value: 0n }

/** Lowest first; '' stands for a plain release. Every other qualifier comes after these. */
const knownQualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']

const aliases: ReadonlyMap<string, string> = new Map([
  ['cr', 'rc'],
  ['ga', ''],
  ['final', ''],
  ['release', ''],
])

/** Only directly before a number. */
const shortAliases: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])

/** 0 for versions that Maven takes for the same, however they are written. */
export function compareMavenVersions(left: string, right: string): number {
  return comparePlain(left, right) ?? compareItems(parseVersion(left), parseVersion(right))
}

/** Numbers and dots, as most versions are, without taking them apart twice. */
function comparePlain(left: string, right: string): number | undefined {
  const isPlain = /^\d{1,9}(?:\.\d{1,9})*$/
  if (!isPlain.test(left) || !isPlain.test(right)) return undefined
  const [lefts, rights] = [left.split('.'), right.split('.')]
  for (let i = 0; i < Math.max(lefts.length, rights.length); i++) {
    const difference = Number(lefts[i] ?? 0) - Number(rights[i] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}

function parseVersion(version: string): Item {
  const reader = new VersionReader(version.toLowerCase())
  return reader.read()
}

/** Takes a version apart at separators and wherever digits and letters meet. */
class VersionReader {
  readonly #text: string
  readonly #root: Item[] = []
  #list = this.#root
  #start = 0
  #isDigit = false
  #isCombined = false

  constructor(text: string) {
    this.#text = text
  }

  read(): Item {
    const text = this.#text
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at)
      if (character === '.') this.#dot(at)
      else if (character === '-') this.#hyphen(at)
      else if (isDigit(character)) this.#digit(at)
      else this.#letter(at)
    }
    if (this.#start < text.length) {
      if (!this.#isDigit) this.#nest()
      this.#close(text.length)
    }
    return { kind: 'list', items: normalise(this.#root) }
  }

  #dot(at: number): void {
    this.#closeOrZero(at)
    this.#isCombined = false
    this.#start = at + 1
  }

  #hyphen(at: number): void {
    const isJoint = at > this.#start && !this.#isDigit && isDigit(this.#text.charAt(at + 1))
    if (isJoint) {
      this.#isCombined = true
      return
    }
    this.#dot(at)
    this.#nest()
  }

  #digit(at: number): void {
    if (!this.#isDigit && at > this.#start) {
      this.#isCombined = true
      this.#nest()
    }
    this.#isDigit = true
  }

  #letter(at: number): void {
    if (this.#isDigit && at > this.#start) {
      this.#close(at)
      this.#start = at
      this.#nest()
      this.#isCombined = false
    }
    this.#isDigit = false
  }

  #closeOrZero(at: number): void {
    if (at === this.#start) this.#list.push(zero)
    else this.#close(at)
  }

  #close(at: number): void {
    this.#list.push(itemOf(this.#text.slice(this.#start, at), this.#isCombined, this.#isDigit))
  }

  #nest(): void {
    if (this.#list.length === 0) return
    const items: Item[] = []
    this.#list.push({ kind: 'list', items })
    this.#list = items
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

function itemOf(text: string, isCombined: boolean, isNumber: boolean): Item {
  if (isCombined) {
    const joined = text.replaceAll('-', '')
    const [, qualifier = '', digits = ''] = /^(\D*)(\d*)/.exec(joined) ?? []
    const name = shortAliases.get(qualifier) ?? canonical(qualifier)
    return { kind: 'combined', text: name, number: BigInt(digits || 0) }
  }
  return isNumber ? { kind: 'number', value: BigInt(text) } : { kind: 'qualifier', text: canonical(text) }
}

function canonical(qualifier: string): string {
  return aliases.get(qualifier) ?? qualifier
}

/** Leaves out what says nothing, from the inside out: zeros at an end, or before a qualifier. */
function normalise(items: Item[]): Item[] {
  for (const item of items) if (item.kind === 'list') normalise(item.items)
  for (let at = items.length - 1; at >= 0; at--) {
    if (isNothing(items[at]) && endsBefore(items[at + 1])) items.splice(at, 1)
  }
  return items
}

function isNothing(item: Item | undefined): boolean {
  return (item?.kind === 'number' && item.value === 0n) || (item?.kind === 'list' && item.items.length === 0)
}

function endsBefore(next: Item | undefined): boolean {
  if (next === undefined || next.kind === 'qualifier') return true
  const first = next.kind === 'list' ? next.items[0]?.kind : undefined
  return first === 'qualifier' || first === 'combined'
}

function compareItems(left: Item | undefined, right: Item | undefined): number {
  if (left === undefined) return right === undefined ? 0 : -compareItems(right, undefined)
  if (right === undefined) return compareWithNothing(left)
  if (left.kind === 'list' && right.kind === 'list') return compareLists(left.items, right.items)
  if (left.kind === 'number' && right.kind === 'number') return compareValues(left.value, right.value)
  const byKind = weights[left.kind] - weights[right.kind]
  if (byKind !== 0) return Math.sign(byKind)
  return compareQualified(left, right)
}

/** A number is more than a list, a list more than any qualifier. */
const weights = { number: 2, list: 1, qualifier: 0, combined: 0 } as const

function compareWithNothing(item: Item): number {
  switch (item.kind) {
    case 'number':
      return item.value === 0n ? 0 : 1
    case 'list':
      return item.items.map(compareWithNothing).find((order) => order !== 0) ?? 0
    case 'qualifier':
    case 'combined':
      return compareQualifiers(item.text, '')
  }
}

function compareLists(lefts: readonly Item[], rights: readonly Item[]): number {
  for (let i = 0; i < Math.max(lefts.length, rights.length); i++) {
    const order = compareItems(lefts[i], rights[i])
    if (order !== 0) return order
  }
  return 0
}

function compareQualified(left: Item, right: Item): number {
  const [leftText, leftNumber] = qualifierOf(left)
  const [rightText, rightNumber] = qualifierOf(right)
  return compareQualifiers(leftText, rightText) || compareValues(leftNumber, rightNumber)
}

function qualifierOf(item: Item): readonly [string, bigint] {
  if (item.kind === 'combined') return [item.text, item.number]
  return [item.kind === 'qualifier' ? item.text : '', -1n]
}

function compareQualifiers(left: string, right: string): number {
  const [leftRank, rightRank] = [rankOf(left), rankOf(right)]
  if (leftRank !== rightRank) return compareValues(leftRank, rightRank)
  return leftRank === knownQualifiers.length ? compareValues(left, right) : 0
}

function rankOf(qualifier: string): number {
  const rank = knownQualifiers.indexOf(qualifier)
  return rank < 0 ? knownQualifiers.length : rank
}

function compareValues<Value extends bigint | number | string>(left: Value, right: Value): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
