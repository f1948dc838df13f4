/** What npm has installed in a folder. For Node 18 and newer: bootstrap.mjs needs it before there is any other. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Whether node_modules holds all that package-lock.json says, and nothing else. npm records there what it has put
 * there, at the very end, so a broken installation has no record; and `npm install` by hand is respected.
 */
export function isInstalled(folder) {
  const wanted = readPackages(join(folder, 'package-lock.json'))
  const present = readPackages(join(folder, 'node_modules', '.package-lock.json'))
  if (!wanted || !present) return false
  const isPresent = (path) => present[path]?.integrity === wanted[path].integrity
  return (
    Object.keys(present).every((path) => path in wanted && isPresent(path)) &&
    Object.keys(wanted).every((path) => path === '' || wanted[path].optional || isPresent(path))
  )
}

/** Installs what package-lock.json says. Prints to standard error only. Whether it went well. */
export function installLocked(folder, options = []) {
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--engine-strict=false',
    '--no-audit',
    '--no-fund',
    ...options,
  ]
  const settings = {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, npm_config_loglevel: 'error' },
  }
  // npm tells its scripts where it is; through Node it also starts on Windows, where `npm` is a batch file.
  const npm = process.env.npm_execpath ?? ''
  const result = /\bnpm-cli\.js$/.test(npm)
    ? spawnSync(process.env.npm_node_execpath ?? process.execPath, [npm, ...args], settings)
    : spawnSync('npm', args, { ...settings, shell: process.platform === 'win32' })
  return result.status === 0
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}
