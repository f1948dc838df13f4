import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findDeadExports, findUnexplainedNumbers } from './tidy/exports.ts'
import { findEmptyNames, findIncompleteFormats } from './tidy/folders.ts'
import { findConsoleBreaches, findLayerBreaches } from './tidy/layers.ts'
import { findLooseVersions, findPackageMistakes, type Manifest } from './tidy/packages.ts'
import { readSources } from './tidy/read-sources.ts'
import { type Exceptions, findLongFiles, findLongFunctions } from './tidy/sizes.ts'
import { findAny, findBannedWords } from './tidy/wording.ts'

/** Tables, and nothing else unless it shrinks. */
const longFiles: Exceptions = { 'src/registry/confusables.ts': 533 }

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = readSources(root)
const consoleSources = readSources(root, 'console')
const allSources = [...sources, ...consoleSources]
/** Everything but what is installed, built or stored here. */
const paths = globSync(['**', '.*', '.ci/**'], {
  cwd: root,
  exclude: [
    '{node_modules,.git,dist,packyard-data,coverage,test-output}',
    '**/node_modules',
    'console/{dist,.building-*}',
  ],
  withFileTypes: true,
})
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
const manifest = JSON.parse(readText('package.json')) as Manifest

test('a folder imports only from the layers below its own', () => holdsNothing(findLayerBreaches(sources)))

test('the console imports nothing of the server, and no page another', () => {
  holdsNothing(findConsoleBreaches(consoleSources))
})

test('no file is longer than 400 lines', () => holdsNothing(findLongFiles(allSources, longFiles)))

test('no function is longer than 70 lines', () => holdsNothing(findLongFunctions(allSources)))

test('nothing has the type any', () => holdsNothing(findAny(allSources)))

test('no file says what no file may say', () => {
  const texts = paths
    .filter((path) => !path.endsWith('package-lock.json'))
    .map((path) => ({ path, text: readText(path) }))
  holdsNothing(findBannedWords(texts))
})

test('every exported name is imported somewhere', () => holdsNothing(findDeadExports(allSources)))

test('every exported number has its unit and its source', () => holdsNothing(findUnexplainedNumbers(sources)))

test('every format folder has the same files', () => {
  const hasUpstream = (format: string) => /\bupstream\b/.test(readText(`src/formats/${format}/format.ts`))
  holdsNothing(findIncompleteFormats(paths, hasUpstream))
})

test('every folder is named after what it holds', () => holdsNothing(findEmptyNames(paths)))

test('what is shipped brings every package that it imports, and no other', () => {
  holdsNothing(findPackageMistakes(sources, manifest))
})

test('every package is asked for by its exact version', () => {
  const { devDependencies } = JSON.parse(readText('console/package.json')) as Manifest
  holdsNothing([...findLooseVersions(manifest), ...findLooseVersions({ dependencies: {}, devDependencies })])
})

test('the lock files name no registry', () => {
  const locks = paths.filter((path) => path.endsWith('package-lock.json'))
  holdsNothing(locks.filter((path) => readText(path).includes('"resolved": "http')))
})

function readText(path: string): string {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function holdsNothing(problems: readonly string[]): void {
  if (problems.length > 0) assert.fail(`\n${problems.join('\n')}\n`)
}
