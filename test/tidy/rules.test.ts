import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findDeadExports, findUnexplainedNumbers } from './exports.ts'
import { findEmptyNames, findIncompleteFormats } from './folders.ts'
import { findLayerBreaches } from './layers.ts'
import { findLooseVersions, findPackageMistakes } from './packages.ts'
import { readSources } from './read-sources.ts'
import { findLongFiles, findLongFunctions } from './sizes.ts'
import type { SourceFile } from './source-file.ts'
import { findAny, findBannedWords } from './wording.ts'

test('an import that goes up, across or out of the layers is found, one that goes down is not', (t) => {
  const sources = readTree(t, {
    'src/registry/a.ts': "import { b } from '../formats/b.ts'\nimport '../storage/c.ts'\nimport 'kysely'",
    'src/formats/npm/a.ts': "import type { A } from '../../storage/c.ts'\nimport '../pypi/b.ts'\nimport '../format.ts'",
    'src/services/a.ts': "import 'kysely'\nexport * from '../storage/metadata/schema.ts'\nimport '../storage/c.ts'",
    'src/journal/a.ts': "import '../access/a.ts'\nconst later = import('../../test/a.ts')",
    'src/journal/a.test.ts': "import '../registry/a.ts'",
    'src/main.ts': "import './wire.ts'\nimport './registry/a.ts'",
  })
  assert.deepEqual(findLayerBreaches(sources).toSorted(), [
    'src/formats/npm/a.ts:1 imports ../../storage/c.ts: formats import only registry and http',
    'src/formats/npm/a.ts:2 imports ../pypi/b.ts: npm is not pypi',
    'src/journal/a.ts:1 imports ../access/a.ts: journal stands beside access',
    'src/journal/a.ts:2 imports ../../test/a.ts: what is shipped imports only from src',
    'src/registry/a.ts:1 imports ../formats/b.ts: registry stands below formats',
    'src/services/a.ts:1 imports kysely: no SQL in the edges',
    'src/services/a.ts:2 imports ../storage/metadata/schema.ts: no SQL in the edges',
  ])
})

test('a long file is found, and so is an exception that is no longer needed', (t) => {
  const sources = readTree(t, { 'src/long.ts': 'const a = 1\n'.repeat(401), 'src/table.ts': '// row\n'.repeat(450) })
  assert.deepEqual(findLongFiles(sources, { 'src/table.ts': 450 }), ['src/long.ts has 401 lines, 400 are allowed'])
  assert.deepEqual(findLongFiles(sources, { 'src/table.ts': 451, 'src/long.ts': 401 }), [
    'src/table.ts has 450 lines: lower its exception of 451, or take it out',
  ])
})

test('a long function is found; a group of tests is as long as what is not a test in it', (t) => {
  const body = 'void 0\n'.repeat(68)
  const sources = readTree(t, {
    'src/long.ts': `function short() {\n${body}}\nconst long = () => {\n${body}\n}\n`,
    'src/a.test.ts': `describe('group', () => {\n  test('one', () => {\n${body}})\n  test('two', () => {\n${body}\n})\n})`,
  })
  assert.deepEqual(findLongFunctions(sources).toSorted(), [
    'src/a.test.ts:72 a nameless function has 71 lines, 70 are allowed',
    'src/long.ts:71 a nameless function has 71 lines, 70 are allowed',
  ])
})

test('an export that nobody imports is found, unless it is a type that its own file needs', (t) => {
  const sources = readTree(t, {
    'src/a.ts':
      'export const used = 1\nexport const dead = 2\nexport interface Result {}\nexport interface Gone {}\n' +
      'export async function run(): Promise<Result> {}\nexport class Lost {}',
    'src/b.ts': "import { used as mine, type run } from './a.ts'\nexport { mine }",
    'src/c.ts': 'export const everything = 1',
    'src/d.ts': "import * as all from './c.ts'",
  })
  assert.deepEqual(findDeadExports(sources), [
    'src/a.ts:2 exports dead, which nobody imports',
    'src/a.ts:4 exports Gone, which nobody imports',
    'src/a.ts:6 exports Lost, which nobody imports',
  ])
})

test('an exported number without unit or source is found', (t) => {
  const sources = readTree(t, {
    'src/a.ts':
      '/** Longest wait. Unit: ms. Ours. */\nexport const good = 5 * 60_000\n/** Longest wait. */\nexport const bad = 30\n' +
      '/** Unit: bytes. */\nexport const unsourced = 2 ** 20\nexport const text = "5"\nexport const bare = 1n',
  })
  assert.deepEqual(findUnexplainedNumbers(sources), [
    'src/a.ts:4 bad lacks its unit (Unit: ms.) and its source (Source: …, Ours, or Unverified: …) in its doc comment',
    'src/a.ts:6 unsourced lacks its source (Source: …, Ours, or Unverified: …) in its doc comment',
    'src/a.ts:8 bare lacks its unit (Unit: ms.) and its source (Source: …, Ours, or Unverified: …) in its doc comment',
  ])
})

test('the type any is found, the word is not', (t) => {
  const sources = readTree(t, { 'src/a.ts': '// any\nconst any = 1\nlet x: Map<string, any>\nconst y = z as any' })
  assert.deepEqual(findAny(sources), ['src/a.ts:3 uses the type any', 'src/a.ts:4 uses the type any'])
})

test('what no file may say is found where it may not be said', () => {
  const say = (path: string, text: string) => findBannedWords([{ path, text }]).length
  assert.equal(say('src/a.ts', `// @ts-${'ignore'}`), 1)
  assert.equal(say('src/a.ts', `console.${'log'}(1)`), 1)
  assert.equal(say('bench/a.ts', `console.${'log'}(1)`), 0)
  assert.equal(say('docs/a.md', `${'FIX'}ME later`), 1)
  assert.equal(say('src/a.ts', 'process.env'), 1)
  assert.equal(say('src/main.ts', 'process.env'), 0)
  assert.equal(say('src/registry/a.ts', "if (format.id === 'npm') {"), 1)
  assert.equal(say('src/formats/npm/a.ts', "if (format.id === 'npm') {"), 0)
  assert.equal(say('README.md', `see https://registry.${'npmjs'}.org/`), 1)
  assert.equal(say('README.md', `cd /${'home'}/somebody`), 1)
  assert.equal(say('README.md', `https://example.com/${'home'}/page, ./${'work'}/x`), 0)
})

test('a format that lacks a file is found, and a folder whose name says nothing', () => {
  const all = ['README.md', 'format.ts', 'names.ts', 'routes.ts', 'documents.ts', 'inspect.ts', 'conformance.ts']
  const paths = ['src/formats/index.ts', ...all.map((name) => `src/formats/npm/${name}`)]
  assert.deepEqual(
    findIncompleteFormats(paths, () => false),
    [],
  )
  assert.deepEqual(
    findIncompleteFormats(paths, () => true),
    ['src/formats/npm has no upstream.ts'],
  )
  assert.deepEqual(
    findIncompleteFormats(paths.slice(0, -1), () => false),
    ['src/formats/npm has no conformance.ts'],
  )
  assert.deepEqual(findEmptyNames(['src/utils/a.ts', 'src/common.ts']), [
    'a folder is called utils: name what it holds',
  ])
})

test('a package that is imported and not brought, or brought and not imported, is found', (t) => {
  const sources = readTree(t, {
    'src/a.ts':
      "import 'node:fs'\ncreateRequire(import.meta.url)('@scope/there/deep')\nimport type { A } from 'absent/deep'",
    'src/a.test.ts': "import 'for-tests'",
  })
  const manifest = {
    dependencies: { '@scope/there': '1.0.0', idle: '^1.0.0' },
    devDependencies: { 'for-tests': '1.0.0-beta.1' },
  }
  assert.deepEqual(findPackageMistakes(sources, manifest), [
    'src/a.ts:3 imports absent/deep, which is no dependency',
    'nothing in src imports idle',
  ])
  assert.deepEqual(findLooseVersions(manifest), ['idle is asked for as ^1.0.0, not by its exact version'])
})

/** Reads a small project with these files, made for the test. */
function readTree(t: TestContext, files: Readonly<Record<string, string>>): SourceFile[] {
  const root = mkdtempSync(join(tmpdir(), 'packyard-tidy-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries({ 'tsconfig.json': '{"include": ["src"]}', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return readSources(root)
}
