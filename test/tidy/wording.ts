import type { SourceFile } from './source-file.ts'

interface Ban {
  readonly what: RegExp
  readonly why: string
  /** Paths it is looked for in; everywhere without this. */
  readonly where?: RegExp
  readonly except?: RegExp
}

/** Written so that this file does not break its own rules. */
const bans: readonly Ban[] = [
  { what: /@ts-(?:ignore|nocheck|expect-error)\b/, why: 'the compiler is not silenced', where: /\.m?tsx?$/ },
  { what: /\bconsole\.log\(/, why: 'log through the logger', where: /^(src|test|console)\/.*\.tsx?$/ },
  { what: /\bFIX[M]E\b/, why: 'mend it, or open an issue' },
  {
    what: /\bprocess\.env\b/,
    why: 'only main.ts reads it',
    where: /^src\/.*\.ts$/,
    except: /^src\/main\.ts$|\.(test|fixture|conformance)\.ts$/,
  },
  {
    what: /\bformat(?:\.id|Id)?\s*[!=]==\s*'(?:npm|pypi|maven|nuget|generic|ruby|swift|cargo)'/,
    why: "nothing outside formats/ compares a format's id",
    where: /^(src|console)\/.*\.tsx?$/,
    except: /^src\/formats\/|\.(test|fixture|conformance)\.ts$/,
  },
  { what: /\bregistry\.(?:npm[j]s\.org|yarn[p]kg\.com|npm[m]irror\.com)\b/i, why: 'no address of a registry' },
  { what: /(?:^|[^\w.~$}-])\/(?:wor[k]|far[m]|hom[e]|roo[t])\/\w/, why: "no path of somebody's machine" },
]

/** A file of any kind, as Git keeps it. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/** What no file may say. */
export function findBannedWords(files: readonly TextFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const active = bans.filter(({ where, except }) => (where?.test(path) ?? true) && !except?.test(path))
    return text
      .split('\n')
      .flatMap((line, index) =>
        active.filter(({ what }) => what.test(line)).map(({ why }) => `${path}:${index + 1} ${line.trim()}: ${why}`),
      )
  })
}

/** The type that switches the compiler off. */
export function findAny(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, anyLines }) => anyLines.map((line) => `${path}:${line} uses the type any`))
}
