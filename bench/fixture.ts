import { createHash } from 'node:crypto'
import { type Lifetime, startUpstream, type Upstream } from '../test/support/upstream.ts'
import type { Spoken } from './scenarios.ts'

/** The package with many versions, and the one whose tarball is fetched. */
export const widePackage = 'wide'
export const smallPackage = 'small'
export const smallVersion = '1.0.0'

/** About what the most published packages of the public registry have. */
export const wideVersionCount = 3000

/** The project whose page has many files, as those have that build wheels for every platform each night. */
export const wideProject = 'wide-project'
export const wideFileCount = 5000

/** With package.json and wrapping, the tarball has about 10 kB. Unit: bytes. */
const smallNoiseBytes = 9500

/** Version manifests made at once: enough to keep the disk-free work going, and bounded. */
const madeAtOnce = 100

/** A registry of our own with what these formats are measured by; the same bytes each time but for its signatures. */
export async function startFixture(lifetime: Lifetime, formats: ReadonlySet<Spoken>): Promise<Upstream> {
  const upstream = await startUpstream(lifetime)
  if (formats.has('npm')) await addPackages(upstream)
  if (formats.has('pypi')) addProject(upstream)
  return upstream
}

async function addPackages(upstream: Upstream): Promise<void> {
  await upstream.add({ name: smallPackage, version: smallVersion, noiseBytes: smallNoiseBytes })
  for (let first = 0; first < wideVersionCount; first += madeAtOnce) {
    const numbers = Array.from({ length: madeAtOnce }, (_, index) => first + index)
    await Promise.all(numbers.map((number) => upstream.add(wideVersion(number))))
  }
}

/** Ten wheels of each version. */
function addProject(upstream: Upstream): void {
  for (let number = 0; number < wideFileCount; number++) {
    upstream.pypi.add({
      name: wideProject,
      version: `${Math.floor(number / 1000)}.${Math.floor(number / 10) % 100}`,
      tags: `cp3${number % 10}-cp3${number % 10}-manylinux_2_17_x86_64`,
      metadata: ['Requires-Python: >=3.9'],
    })
  }
}

/** A version as large as a real one: the public registry's manifests have one to two kB. */
function wideVersion(number: number) {
  const version = `${Math.floor(number / 300)}.${Math.floor(number / 10) % 30}.${number % 10}`
  const dependencies = Object.fromEntries(names(number, 'dependency', 12).map((name) => [name, `^${version}`]))
  const manifest = {
    keywords: ['bench', 'fixture', 'wide'],
    repository: { type: 'git', url: 'git+https://git.example/bench/wide.git' },
    bugs: { url: 'https://git.example/bench/wide/issues' },
    scripts: { build: 'tsc -p .', test: 'node --test', prepare: 'node build.mjs' },
    devDependencies: Object.fromEntries(names(number, 'development', 12).map((name) => [name, `^${version}`])),
    engines: { node: '>=20' },
    bin: { wide: 'bin/wide.js' },
    gitHead: hash(`head ${number}`),
  }
  return {
    name: widePackage,
    version,
    dependencies,
    manifest,
    publishedAt: new Date(1_500_000_000_000 + number * 3_600_000),
  }
}

/** Names that change slowly from version to version, as real dependencies do. */
function names(number: number, kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    return `@bench/${kind}-${hash(`${kind} ${index} ${Math.floor(number / (50 * (index + 1)))}`).slice(0, 10)}`
  })
}

function hash(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
