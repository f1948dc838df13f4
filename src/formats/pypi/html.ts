/** A start tag. Names in lower case; the first of attributes with one name counts. */
export interface StartTag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

/**
 * The start tags of a page, in order; everything else is passed over. Looks at each character once, whatever somebody
 * wrote. A `>` inside quotes ends nothing: old pages have `data-requires-python=">=3.6"`.
 */
export function* readTags(html: string): Generator<StartTag> {
  let at = html.indexOf('<')
  while (at >= 0) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4)
      if (end < 0) return
      at = html.indexOf('<', end + 3)
      continue
    }
    const name = wordAt(html, at + 1)
    if (name === '') {
      at = html.indexOf('<', at + 1)
      continue
    }
    const { attributes, end } = readAttributes(html, at + 1 + name.length)
    yield { name: name.toLowerCase(), attributes }
    at = html.indexOf('<', end)
  }
}

function wordAt(html: string, start: number): string {
  let end = start
  while (end < html.length && /[A-Za-z0-9]/.test(html[end] ?? '')) end += 1
  return html.slice(start, end)
}

function readAttributes(html: string, start: number): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>()
  let at = start
  for (;;) {
    at = skip(html, at, /[\s/]/)
    if (at >= html.length || html[at] === '>') return { attributes, end: at + 1 }
    const nameEnd = skip(html, at + 1, /[^\s/>=]/)
    const name = html.slice(at, nameEnd).toLowerCase()
    const equals = skip(html, nameEnd, /\s/)
    const value = html[equals] === '=' ? readValue(html, skip(html, equals + 1, /\s/)) : { text: '', end: nameEnd }
    if (!attributes.has(name)) attributes.set(name, unescapeHtml(value.text))
    at = value.end
  }
}

function readValue(html: string, start: number): { text: string; end: number } {
  const quote = html[start]
  if (quote === '"' || quote === "'") {
    const close = html.indexOf(quote, start + 1)
    const end = close < 0 ? html.length : close
    return { text: html.slice(start + 1, end), end: end + 1 }
  }
  const end = skip(html, start, /[^\s>]/)
  return { text: html.slice(start, end), end }
}

function skip(html: string, start: number, kind: RegExp): number {
  let at = start
  while (at < html.length && kind.test(html[at] ?? '')) at += 1
  return at
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0' }

function unescapeHtml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,6}));/gi, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return entities[name.toLowerCase()] ?? whole
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
