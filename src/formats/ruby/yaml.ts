import { isAlias, isCollection, isPair, isScalar, type Node, parseDocument, visit } from 'yaml'
import { RegistryError, refused } from '../../registry/errors.ts'

/** Places at which an alias may stand, each of which repeats what it names. Ours; old gems have a few hundred. */
const ALIASES_MAX = 2_000

/** Deepest nesting. Unit: levels. Ours; a gem's own has 8. */
const DEPTH_MAX = 60

/** What Ruby's own classes are called in a gem's metadata. Source: rubygems lib/rubygems/safe_yaml.rb. */
const knownTags = new Set(
  [
    'ruby/object:Gem::Specification',
    'ruby/object:Gem::Version',
    'ruby/object:Gem::Version::Requirement',
    'ruby/object:Gem::Requirement',
    'ruby/object:Gem::Dependency',
    'ruby/object:Gem::Platform',
    'ruby/object:YAML::Syck::DefaultKey',
    'ruby/class',
    'ruby/symbol',
    'ruby/sym',
    'str',
    'binary',
  ].flatMap((tag) => [`!${tag}`, `tag:yaml.org,2002:${tag}`]),
)

/**
 * YAML as plain data: every scalar is text, every tag is looked at and then left out; nothing is ever made of one. Throws
 * `invalid` on what is no YAML, on other tags, and on what unfolds or nests without end.
 */
export function parseYaml(text: string, what: string): unknown {
  try {
    return read(text, what)
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    throw unreadable(what, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function read(text: string, what: string): unknown {
  checkFlowDepth(text, what)
  const document = parseDocument(text, { schema: 'failsafe', version: '1.1', merge: false, logLevel: 'silent' })
  const [error] = document.errors
  if (error) throw unreadable(what, error.message, error)
  let aliases = 0
  visit(document, (_key, node, path) => {
    if (path.length > 2 * DEPTH_MAX) throw refused(`${what} nests deeper than ${DEPTH_MAX} levels`)
    if (isAlias(node)) aliases += 1
    if (aliases > ALIASES_MAX) throw refused(`${what} holds more than ${ALIASES_MAX} aliases`)
    if (isScalar(node) || isCollection(node)) checkTag(node, what)
    if (isPair(node) && !isScalar(node.key)) throw refused(`${what} has a key that is no text`)
  })
  return document.toJS({ maxAliasCount: 10_000 })
}

function checkTag(node: Node, what: string): void {
  const { tag } = node
  if (tag === undefined || knownTags.has(tag) || /^tag:yaml\.org,2002:(?:map|seq|str)$/.test(tag)) {
    if (isScalar(node) && tag?.endsWith('binary')) node.value = Buffer.from(String(node.value), 'base64').toString()
    return
  }
  throw refused(`${what} holds an object of type '${tag.slice(0, 100)}', which no gem needs`)
}

/** The parser takes a step of its stack for each bracket, before anybody can count them. */
function checkFlowDepth(text: string, what: string): void {
  let depth = 0
  for (const [character] of text.matchAll(/[[\]{}\n]/g)) {
    if (character === '\n') depth = Math.max(0, depth)
    else depth += character === '[' || character === '{' ? 1 : -1
    if (depth > 1000) throw refused(`${what} nests too deeply`)
  }
  if (/^(?:[-?] ?){60}/m.test(text) || /^ {2000}/m.test(text)) throw refused(`${what} nests too deeply`)
}

function unreadable(what: string, reason: string, cause: unknown): RegistryError {
  const [line = ''] = reason.split('\n')
  return new RegistryError('invalid', `${what} is not YAML that can be read: ${line}`, { cause, reason: 'OTHER' })
}
