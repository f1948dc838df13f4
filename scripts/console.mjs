/**
 * Builds the console into console/dist when its sources have changed since it was built last: before the server starts
 * from a checkout, before the browser tests, and for the published package. Looking takes a few milliseconds, building
 * a few seconds.
 *
 * Prints to standard error only.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(root, 'console')
const target = join(folder, 'dist')
const stampFile = join(target, '.built-from')

const stamp = stampOfSources()
if (readStamp() !== stamp) await build()

/** All that the result depends on: the sources, and the versions of what is built in. */
function stampOfSources() {
  const files = globSync(['{src,build,public}/**/*', 'index.html', 'package.json', 'vite.config.ts'], { cwd: folder })
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const bytes = readIfFile(join(folder, file))
    if (bytes) hash.update(`${file.replaceAll('\\', '/')} ${bytes.length}\n`).update(bytes)
  }
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
}

function readIfFile(file) {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error.code === 'EISDIR') return undefined
    throw error
  }
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined
}

/** Made beside and moved into place, so that a server, or another build, never sees half of it. */
async function build() {
  process.stderr.write('packyard: building the console\n')
  const { build: bundle } = await import('vite')
  const made = join(folder, `.building-${process.pid}`)
  try {
    await bundle({
      configFile: join(folder, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: made, emptyOutDir: true },
    })
    writeFileSync(join(made, '.built-from'), stamp)
    replaceTarget(made)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** A server that is running misses its files for an instant at most. Whoever comes second leaves the first one's result. */
function replaceTarget(made) {
  const old = `${made}-old`
  if (existsSync(target)) renameSync(target, old)
  try {
    renameSync(made, target)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error
  }
  rmSync(old, { recursive: true, force: true })
}
