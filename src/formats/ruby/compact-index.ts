import { type GemName, numberOf, parseNumber } from './names.ts'
import type { Gem, GemDependency } from './release.ts'

/** The lines of the compact index, as Bundler and RubyGems read them. Source: rubygems.org guides, "Compact Index API". */

/** One line of `info/{gem}`. */
export interface InfoLine {
  readonly version: string
  readonly platform: string
  readonly runtime: readonly GemDependency[]
  /** SHA-256 of the gem; lower-case hexadecimal. */
  readonly checksum: string | undefined
  readonly ruby: readonly string[]
  readonly rubygems: readonly string[]
  readonly createdAt: string | undefined
}

/** What stands before the first line of every file. */
export const HEAD_END = '---\n'

export function renderInfoLine(
  name: GemName,
  gem: Gem,
  checksum: string | undefined,
  createdAt: string | undefined,
): string {
  const runtime = [...gem.runtime].sort((left, right) => (left.name < right.name ? -1 : 1))
  const dependencies = runtime.map((each) => `${each.name}:${joined(each.requirements)}`).join(',')
  const facts = [
    ...(checksum === undefined ? [] : [`checksum:${checksum}`]),
    ...(gem.ruby.length === 0 ? [] : [`ruby:${joined(gem.ruby)}`]),
    ...(gem.rubygems.length === 0 ? [] : [`rubygems:${joined(gem.rubygems)}`]),
    ...(createdAt === undefined ? [] : [`created_at:${createdAt}`]),
  ]
  return `${numberOf(name)} ${dependencies}|${facts.join(',')}\n`
}

function joined(requirements: readonly string[]): string {
  return requirements.length === 0 ? '>= 0' : [...requirements].sort().join('&')
}

/** Every line that makes sense; of two for one gem the last. */
export function parseInfo(text: string): InfoLine[] {
  const found = new Map<string, InfoLine>()
  for (const line of afterHead(text).split('\n')) {
    const read = parseInfoLine(line)
    if (read) found.set(numberOf(read), read)
  }
  return [...found.values()]
}

function parseInfoLine(line: string): InfoLine | undefined {
  const [, number = '', dependencies = '', facts = ''] = /^(\S+) ?([^|]*)\|(.*)$/.exec(line) ?? []
  const name = parseNumber(number)
  if (!name) return undefined
  const said = new Map(facts.split(',').map(split))
  const checksum = said.get('checksum')?.toLowerCase()
  const createdAt = said.get('created_at')
  return {
    ...name,
    runtime: dependencies === '' ? [] : dependencies.split(',').map(parseDependency),
    checksum: checksum !== undefined && /^[0-9a-f]{64}$/.test(checksum) ? checksum : undefined,
    ruby: parseRequirements(said.get('ruby')),
    rubygems: parseRequirements(said.get('rubygems')),
    createdAt: createdAt !== undefined && !Number.isNaN(Date.parse(createdAt)) ? createdAt : undefined,
  }
}

function parseDependency(text: string): GemDependency {
  const [name, requirements] = split(text)
  return { name, requirements: parseRequirements(requirements) }
}

function parseRequirements(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split('&')
}

function split(text: string): [string, string] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text.trim(), ''] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

function afterHead(text: string): string {
  const head = text.startsWith(HEAD_END) ? 0 : text.indexOf(`\n${HEAD_END}`)
  return head < 0 ? text : text.slice(text.indexOf(HEAD_END, head) + HEAD_END.length)
}

/** The complete lines of a `versions` file, without its head. */
export function linesOf(versions: Buffer): Buffer {
  const head = versions.subarray(0, 4).toString('latin1') === HEAD_END ? 0 : versions.indexOf(`\n${HEAD_END}`)
  const start = head < 0 ? 0 : versions.indexOf(HEAD_END, head) + HEAD_END.length
  return versions.subarray(start, Math.max(start, versions.lastIndexOf('\n') + 1))
}

/** One line of `versions`: the gems that are new, those that are gone, and the MD5 of what `info` says now. */
export function renderVersionsLine(
  name: string,
  added: readonly string[],
  gone: readonly string[],
  md5: string,
): string {
  const numbers = [...added, ...gone.map((number) => `-${number}`)]
  return numbers.length === 0 ? '' : `${name} ${numbers.join(',')} ${md5}\n`
}

/** What a `versions` file says in the end: the numbers of each name, in the order of their lines. */
export function readVersions(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const line of afterHead(text).split('\n')) {
    const [name = '', numbers = ''] = line.split(' ')
    if (name === '' || numbers === '') continue
    const known = found.get(name) ?? new Set<string>()
    found.set(name, known)
    for (const number of numbers.split(',')) {
      if (number.startsWith('-')) known.delete(number.slice(1))
      else known.add(number)
    }
  }
  return found
}
