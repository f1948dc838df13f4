import { invalid } from './errors.ts'
import { type GroupPatternEnd, patternKey } from './group-keys.ts'
import { appearanceOf } from './look-alike.ts'
import { formatNaming } from './name-rules.ts'
import { formatIds, type FormatId, type PackageName } from './names.ts'

/**
 * What a package group is defined by. `$`: one package; `~`: what begins with these words; `*`: what begins with this
 * text. Source: CodeArtifact User Guide, "Package group definition syntax and matching behavior".
 */
export interface GroupPattern {
  readonly text: string
  /** The text without its last character. */
  readonly body: string
  readonly end: GroupPatternEnd
  /** What begins the keys of the paths, and of the narrower patterns, that it takes in as they are spelt. */
  readonly spellingKey: string
  /** What begins the appearance keys of all paths that it claims, whatever their spelling. */
  readonly appearanceKey: string
}

const FIELD = 'packageGroup'

/** Throws `invalid`: names the rule that the pattern breaks. */
export function parseGroupPattern(text: string): GroupPattern {
  const end = text.at(-1)
  if (end !== '$' && end !== '~' && end !== '*') throw broken(text, 'must end with "$", "~" or "*"')
  const body = text.slice(0, -1)
  if (text !== '/*') checkParts(text, body.split('/'), end)
  return { text, body, end, spellingKey: patternKey(body, end), appearanceKey: patternKey(appearanceOf(body), end) }
}

/** `/{format}/{namespace}/{name}`; the namespace's place stays, empty, where there is none. */
export function packagePath({ format, namespace, name }: PackageName): string {
  return `/${format}/${namespace}/${name}`
}

function checkParts(text: string, parts: readonly string[], end: GroupPatternEnd): void {
  const [before, format, namespace = '', name] = parts
  const known = formatIds.find((id) => id === format)
  if (before !== '' || parts.length > 4) throw broken(text, 'must have the form /format/namespace/name')
  if (!known) throw broken(text, `must begin with "/" and one of ${formatIds.join(', ')}, or be "/*"`)
  if (parts.length < 3) throw broken(text, `must go on with "/" after the format: "/${known}/*"`)
  if (/[*$#\s]/.test(namespace + (name ?? ''))) {
    throw broken(text, 'must have "*" and "$" at its end only, and no "#" or white space')
  }
  if (name === undefined) checkNamespacePrefix(text, known, namespace, end)
  else checkName(text, known, namespace, name, end)
  checkNormal(text, known, namespace, name ?? '')
}

/** `/npm/*` has no part after the format. */
function checkNamespacePrefix(text: string, format: FormatId, namespace: string, end: GroupPatternEnd): void {
  if (namespace === '' && end === '*') return
  const { namespace: rule } = formatNaming(format)
  if (rule === 'none')
    throw broken(text, `must have an empty namespace, as ${format} packages have none: "/${format}//"`)
  if (end === '$') throw broken(text, `must name a package before "$": "/${format}/namespace/name$"`)
  checkWordBefore(text, namespace, end)
  if (end === '*' && isWordLast(namespace)) throw broken(text, 'must end with "~" after a word of a namespace')
}

function checkName(text: string, format: FormatId, namespace: string, name: string, end: GroupPatternEnd): void {
  const { namespace: rule } = formatNaming(format)
  if (rule === 'required' && namespace === '')
    throw broken(text, `must name a namespace, as ${format} packages have one`)
  if (rule === 'none' && namespace !== '') {
    throw broken(text, `must have an empty namespace, as ${format} packages have none: "/${format}//"`)
  }
  if (end === '$' && name === '') throw broken(text, 'must name a package before "$"')
  checkWordBefore(text, name, end)
}

function checkWordBefore(text: string, part: string, end: GroupPatternEnd): void {
  if (end === '~' && !isWordLast(part))
    throw broken(text, 'must have a letter or digit before "~"; elsewhere "*" is used')
}

function isWordLast(part: string): boolean {
  return /[\p{L}\p{N}\p{M}]$/u.test(part)
}

/** Packages are compared in normal form: a pattern in another form would take in nothing, and refuse all look-alikes. */
function checkNormal(text: string, format: FormatId, namespace: string, name: string): void {
  const { fold } = formatNaming(format)
  const normal = [namespace, name].map(fold)
  if (normal[0] === namespace && normal[1] === name) return
  throw broken(text, `must be written as ${format} normalises names: '${normal.filter(Boolean).join("', '")}'`)
}

function broken(text: string, rule: string): Error {
  return invalid(FIELD, text, rule)
}
