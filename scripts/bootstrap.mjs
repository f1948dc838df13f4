/**
 * Makes a clone runnable: installs what package-lock.json says when node_modules does not hold it yet, and makes sure
 * that `node` in every npm script is the project's own Node 26. Runs before the scripts of package.json, on whatever
 * Node the user has (18 or newer), so it uses nothing but Node.
 *
 * Prints to standard error only: `eval "$(npm run --silent env)"` reads standard output.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How often a waiting process looks whether the other one has finished installing. Unit: ms. Ours. */
const LOCK_POLL_MS = 200

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const lock = join(root, '.bootstrap-lock')

if (!isInstalled()) installAlone()

/** One installer at a time, so that `npm start` and `npm test` may race on a fresh clone. */
function installAlone() {
  takeLock()
  process.on('exit', () => rmSync(lock, { force: true }))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
  if (isInstalled()) return
  process.stderr.write('packyard: installing dependencies, once (about half a minute)\n')
  runNpm(['ci', '--include=dev', '--include=optional', '--engine-strict=false', '--no-audit', '--no-fund'])
  linkNode()
  if (!isInstalled()) fail(`npm ci did not install all of package-lock.json, or no Node for ${platform()}`)
}

/**
 * npm records in node_modules what it put there; it does so at the very end, so a broken installation has no record.
 * Comparing that with package-lock.json notices a changed lock, and respects what `npm install` has done already.
 */
function isInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const present = readPackages(join(modules, '.package-lock.json'))
  if (!wanted || !present || !existsSync(nodeLink())) return false
  const isPresent = (path) => present[path]?.integrity === wanted[path].integrity
  return (
    Object.keys(present).every((path) => path in wanted && isPresent(path)) &&
    Object.keys(wanted).every((path) => path === '' || wanted[path].optional || isPresent(path))
  )
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

function runNpm(args) {
  // npm tells its scripts where it is; through Node it also starts on Windows, where `npm` is a batch file.
  const npm = process.env.npm_execpath ?? ''
  const stdio = ['ignore', 2, 2]
  const options = { cwd: root, stdio, env: { ...process.env, npm_config_loglevel: 'error' } }
  const result = /\bnpm-cli\.js$/.test(npm)
    ? spawnSync(process.env.npm_node_execpath ?? process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (result.status !== 0) fail(`npm ${args[0]} failed; its message stands above`)
}

/** npm 10 leaves out the command of a package that is meant for one platform only. */
function linkNode() {
  if (process.platform === 'win32' || existsSync(nodeLink())) return
  const names = [`node-${platform()}`, `node-bin-${platform()}`]
  const found = names.map((name) => join(modules, name, 'bin', 'node')).find((file) => existsSync(file))
  if (!found) return
  mkdirSync(dirname(nodeLink()), { recursive: true })
  rmSync(nodeLink(), { force: true })
  symlinkSync(relative(dirname(nodeLink()), found), nodeLink())
}

function nodeLink() {
  return join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
}

function platform() {
  return `${process.platform}-${process.arch}`
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
