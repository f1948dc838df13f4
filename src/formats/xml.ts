import { createRequire } from 'node:module'
import type { XMLParser } from 'fast-xml-parser'
import { RegistryError, refused } from '../registry/errors.ts'

/** Elements inside each other. POMs nest the settings of plugins, some twenty deep. Ours. */
const DEPTH_MAX = 100

/** Elements of one document. The longest public list of versions has some ten thousand. Ours. */
const ELEMENTS_MAX = 200_000

/** An element's text, or its children by name; several of one name are a list. Attributes stand as `@name`, if kept. */
export type XmlValue = string | XmlElement | readonly XmlValue[]
export interface XmlElement {
  readonly [name: string]: XmlValue | undefined
}

/**
 * A document's root element, by its name. `what` names the document in refusals. Throws `invalid` on what is not well
 * formed, on document types (and so on every entity of the document's own), and on more than a document may hold; that
 * is found out in one pass, before anything is built.
 */
export function parseXml(bytes: Buffer, what: string, attributes: 'ignored' | 'kept' = 'ignored'): XmlElement {
  const text = decode(bytes, what)
  checkShape(text, what)
  try {
    return toElement(createParser(attributes).parse(text))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RegistryError('invalid', `${what} cannot be read: ${reason}`, { cause, reason: 'CANNOT_PARSE' })
  }
}

/** Keeps its entity tables to itself, so each document gets its own. */
function createParser(attributes: 'ignored' | 'kept'): XMLParser {
  // Loaded when the first document comes: most installations start without one.
  const library = createRequire(import.meta.url)('fast-xml-parser') as typeof import('fast-xml-parser')
  return new library.XMLParser({
    ignoreAttributes: attributes === 'ignored',
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    parseTagValue: false,
    removeNSPrefix: true,
    maxNestedTags: DEPTH_MAX + 1,
    // Properties in a POM may be called anything; the library refuses what objects have.
    transformTagName: (name) => (objectMembers.has(name) ? `_${name}` : name),
  })
}

const objectMembers: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype'])

/** In the encoding that the document declares. Bytes that do not fit it are refused. */
function decode(bytes: Buffer, what: string): string {
  const label = encodingOf(bytes)
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch (cause) {
    const message = `${what} is not text in the encoding '${label.slice(0, 40)}' that it declares`
    throw new RegistryError('invalid', message, { cause, reason: 'CANNOT_PARSE' })
  }
}

/** Source: XML 1.0, appendix F: a byte order mark, else the declaration, which is ASCII, else UTF-8. */
function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  const head = bytes.subarray(0, 200).toString('latin1')
  return /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1] ?? 'utf-8'
}

/** What may stand between `<` and `>`, and where it ends. */
const skipped = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const

/** One pass over the tags: they must fit into each other, in one root, and be no more than may be. */
function checkShape(text: string, what: string): void {
  const open: string[] = []
  let elements = 0
  for (let at = text.indexOf('<'); at >= 0; ) {
    const skip = skipped.find(([start]) => text.startsWith(start, at))
    const end = skip ? text.indexOf(skip[1], at + skip[0].length) : tagEnd(text, at)
    if (end < 0) throw refused(`${what} is cut off inside a tag or a comment`)
    if (!skip) elements += takeTag(text.slice(at + 1, end), open, elements, what)
    if (elements > ELEMENTS_MAX) throw refused(`${what} has more than ${ELEMENTS_MAX} elements`)
    if (open.length > DEPTH_MAX) throw refused(`${what} has elements more than ${DEPTH_MAX} deep`)
    at = text.indexOf('<', end)
  }
  if (open.length > 0) throw refused(`${what} is cut off: <${open.at(-1)?.slice(0, 60)}> is never closed`)
  if (elements === 0) throw refused(`${what} is not XML`)
}

/** Where a tag's `>` stands, past quoted values. */
function tagEnd(text: string, at: number): number {
  const pattern = /[>"']/g
  pattern.lastIndex = at
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    if (found[0] === '>') return found.index
    const close = text.indexOf(found[0], found.index + 1)
    if (close < 0) return -1
    pattern.lastIndex = close + 1
  }
  return -1
}

/** Answers how many elements the tag begins. */
function takeTag(tag: string, open: string[], elementsBefore: number, what: string): 0 | 1 {
  if (tag.startsWith('!')) throw refused(`${what} has a document type declaration, which is not accepted`)
  const name = /^\/?([^\s/>]+)/.exec(tag)?.[1]
  if (name === undefined) throw refused(`${what} has a tag without a name`)
  if (tag.startsWith('/')) {
    const opened = open.pop()
    if (opened === name) return 0
    throw refused(`${what} closes <${name.slice(0, 60)}> where <${(opened ?? 'nothing').slice(0, 60)}> is open`)
  }
  if (open.length === 0 && elementsBefore > 0) throw refused(`${what} has more than one root element`)
  if (!tag.endsWith('/')) open.push(name)
  return 1
}

function toElement(value: unknown): XmlElement {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as XmlElement) : {}
}

/** The first child of this name; empty where it has none, or only text. */
export function childOf(element: XmlElement, name: string): XmlElement {
  return toElement(childrenOf(element, name)[0])
}

/** The text of the first child of this name, trimmed; undefined where there is none, or nothing in it. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return textsOf(element, name)[0]
}

export function textsOf(element: XmlElement, name: string): readonly string[] {
  return childrenOf(element, name).flatMap((value) => {
    const text = typeof value === 'string' ? value : toElement(value)['#text']
    return typeof text === 'string' && text.trim() !== '' ? [text.trim()] : []
  })
}

/** Children of this name that have children themselves. */
export function elementsOf(element: XmlElement, name: string): readonly XmlElement[] {
  return childrenOf(element, name).map(toElement)
}

function childrenOf(element: XmlElement, name: string): readonly XmlValue[] {
  const value = Object.hasOwn(element, name) ? element[name] : undefined
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly XmlValue[]) : [value]
}

/** Text inside an element. Source: XML 1.0, section 2.4. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'))
}
