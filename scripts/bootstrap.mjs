/**
 * Makes a clone runnable: installs what package-lock.json says when node_modules does not hold it yet, and makes sure
 * that `node` in every npm script is the project's own Node 26. Runs before the scripts of package.json, on whatever
 * Node the user has (18 or newer), so it uses nothing but Node.
 *
 * Prints to standard error only: `eval "$(npm run --silent env)"` reads standard output.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLocked, isInstalled } from './installation.mjs'

/** How often a waiting process looks whether the other one has finished installing. Unit: ms. Ours. */
const LOCK_POLL_MS = 200

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const lock = join(root, '.bootstrap-lock')
const platform = `${process.platform}-${process.arch}`

if (!isReady()) installAlone()

function isReady() {
  return existsSync(nodeLink()) && isInstalled(root)
}

/** One installer at a time, so that `npm start` and `npm test` may race on a fresh clone. */
function installAlone() {
  takeLock()
  process.on('exit', () => rmSync(lock, { force: true }))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
  if (isReady()) return
  process.stderr.write('packyard: installing dependencies, once (about half a minute)\n')
  if (!installLocked(root)) fail('npm ci failed; its message stands above')
  makeCommands()
  if (!isReady()) fail(`npm ci did not install all of package-lock.json, or there is no Node for ${platform}`)
}

/**
 * npm 10 leaves out the command of a package that is meant for one platform only. `exec` lets a signal to npm reach
 * Node, where a shell would keep it to itself; Windows has no such command, and no such signals.
 */
function makeCommands() {
  mkdirSync(join(modules, '.bin'), { recursive: true })
  if (process.platform === 'win32') return writeFileSync(join(modules, '.bin', 'exec.cmd'), '@%*\r\n')
  if (existsSync(nodeLink())) return
  const names = [`node-${platform}`, `node-bin-${platform}`]
  const found = names.map((name) => join(modules, name, 'bin', 'node')).find((file) => existsSync(file))
  if (!found) return
  rmSync(nodeLink(), { force: true })
  symlinkSync(relative(dirname(nodeLink()), found), nodeLink())
}

function nodeLink() {
  return join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
}

function takeLock() {
  for (;;) {
    try {
      const file = openSync(lock, 'wx')
      writeSync(file, String(process.pid))
      closeSync(file)
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isOwnerGone()) rmSync(lock, { force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS)
  }
}

/** A killed installer leaves its lock behind. A lock without a number in it was made this instant. */
function isOwnerGone() {
  try {
    const owner = Number(readFileSync(lock, 'utf8'))
    if (owner > 0) process.kill(owner, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function fail(message) {
  process.stderr.write(`packyard: ${message}\n`)
  process.exit(1)
}
