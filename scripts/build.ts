/**
 * Makes the package that is published, in `dist` or in the folder named: JavaScript, as Node strips no types inside
 * node_modules. It stands in `src` as here, so that paths between files stay the same. `npm pack ./dist` turns it into a tarball.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

/** What the published package takes over from the project's package.json; the rest is for developers. */
interface Manifest {
  readonly version: string
  readonly description: string
  readonly license: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

interface LockedPackage {
  readonly dev?: boolean
  readonly devOptional?: boolean
  /** A workspace: the console, whose code is built in. */
  readonly link?: boolean
}

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

const root = resolve(import.meta.dirname, '..')
const target = resolve(process.argv[2] ?? join(root, 'dist'))

rmSync(target, { recursive: true, force: true })
compile()
buildConsole()
const manifest = publishedManifest()
write('package.json', manifest)
write('npm-shrinkwrap.json', publishedLock())
for (const file of ['README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md'])
  copyFileSync(join(root, file), join(target, file))
copyFileSync(join(root, 'scripts/packyard.mjs'), join(target, 'packyard.mjs'))
chmodSync(join(target, 'packyard.mjs'), 0o755)
console.log(`${manifest.name} ${manifest.version} is in ${target}`)

function compile(): void {
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace(/package\.json$/, 'bin/tsc')
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(target, 'src')]
  execFileSync(process.execPath, [tsc, ...options], { stdio: 'inherit' })
}

/** At the same place as in a checkout, seen from `src`. */
function buildConsole(): void {
  execFileSync(process.execPath, [join(root, 'scripts/console.mjs')], { stdio: 'inherit' })
  cpSync(join(root, 'console/dist'), join(target, 'console/dist'), { recursive: true })
}

function publishedManifest() {
  const { version, description, license, dependencies, optionalDependencies } = read<Manifest>('package.json')
  return {
    name: 'packyard',
    version,
    description,
    license,
    type: 'module',
    bin: { packyard: 'packyard.mjs' },
    // What starts is packyard.mjs; it goes on with the Node 26 of the optional dependencies.
    engines: { node: '>=18' },
    dependencies,
    optionalDependencies,
  }
}

/** The versions that were tested are the versions that are installed, down to the last dependency. */
function publishedLock() {
  const lock = read<Lock>('package-lock.json')
  const kept = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional, link }]) => path.startsWith('node_modules/') && !dev && !devOptional && !link,
  )
  return { ...lock, packages: { '': manifest, ...Object.fromEntries(kept) } }
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as T
}

function write(file: string, content: unknown): void {
  writeFileSync(join(target, file), `${JSON.stringify(content, null, 2)}\n`)
}
