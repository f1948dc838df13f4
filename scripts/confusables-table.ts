/**
 * Writes src/registry/confusables.ts from Unicode's `confusables.txt`, whose path is the only argument.
 * Source: https://www.unicode.org/Public/security/, for the version that Node's own `process.versions.unicode` names.
 */
import { readFileSync, writeFileSync } from 'node:fs'

/** Longest line that is written. Unit: characters. */
const COLUMNS = 118

const text = readFileSync(process.argv[2]!, 'utf8')
const version = /^# Version: (\S+)$/m.exec(text)?.[1] ?? ''
const entries = Array.from(text.matchAll(/^([0-9A-F]+) ;\t([0-9A-F ]+) ;\tMA/gm), ([, source = '', target = '']) => ({
  source: source.toLowerCase().replace(/^0+/, ''),
  target: target
    .trim()
    .toLowerCase()
    .split(' ')
    .map((part) => part.replace(/^0+/, ''))
    .join('-'),
}))
const groups = Map.groupBy(entries, (entry) => entry.target)
const tokens = [...groups].flatMap(([target, group]) => [`${target}:`, ...group.map((entry) => entry.source)])

const lines = ['']
for (const token of tokens) {
  const line = lines.at(-1)!
  if (line.length + token.length >= COLUMNS) lines.push(token)
  else lines[lines.length - 1] = line === '' ? token : `${line} ${token}`
}

writeFileSync(
  new URL('../src/registry/confusables.ts', import.meta.url),
  `// Made by scripts/confusables-table.ts from Unicode's data: change that, not this.

/**
 * Characters that look alike, as hexadecimal code points: \`target:\` and the characters that look like it; a target of
 * several characters has dashes between them. Kept as text, as most names need no look into it.
 * Source: Unicode Security Mechanisms (UTS #39), confusables.txt, version ${version}. © Unicode, Inc.; see NOTICE.
 */
export const confusables = \`
${lines.join('\n')}
\`
`,
)
