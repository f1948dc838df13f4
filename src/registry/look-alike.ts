import { confusables } from './confusables.ts'

const table = ` ${confusables.trim().replaceAll('\n', ' ')} `

/**
 * What a name looks like: names that differ only in case, in runs of "-", "." and "_", or in characters that look alike,
 * have one appearance. Only for comparing; not to be shown.
 * Source: CodeArtifact User Guide, "Package group definition syntax and matching behavior"; UTS #39, section 4.
 */
export function appearanceOf(text: string): string {
  return foldCase(skeletonOf(foldCase(text))).replace(/[-._]+/g, '.')
}

/** `skeleton` of UTS #39, but that a slash stays what only a slash is: it separates the parts of a path. */
function skeletonOf(text: string): string {
  if (isAscii(text)) return replaceLookAlikes(text)
  return replaceLookAlikes(text.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')).normalize('NFD')
}

/** Source: Unicode, CaseFolding.txt, as far as both cases tell it. A final sigma is a sigma. */
function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  return text.toUpperCase().toLowerCase().replaceAll('ς', 'σ')
}

/** What the table says of ASCII, known by heart: most names need no more. No capitals are left. */
const asciiLookAlikes: Readonly<Record<string, string>> = { '0': 'O', '1': 'l', m: 'rn', '|': 'l', '"': "''", '`': "'" }

function replaceLookAlikes(text: string): string {
  return text.replace(/[01m|"`]|[^\x20-\x7e]/gu, (character) => asciiLookAlikes[character] ?? lookUp(character))
}

function lookUp(character: string): string {
  const found = table.indexOf(` ${character.codePointAt(0)!.toString(16)} `)
  if (found === -1) return character
  const end = table.lastIndexOf(':', found)
  const start = table.lastIndexOf(' ', end) + 1
  const target = table
    .slice(start, end)
    .split('-')
    .map((code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .join('')
  return target.includes('/') ? character : target
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}
