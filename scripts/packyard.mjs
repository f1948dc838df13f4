#!/usr/bin/env node
/**
 * The command of the published package. Packyard needs Node 26 and brings it along, so this starts on whatever Node
 * the user has (18 or newer) and goes on with the right one.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NODE_MAJOR_MIN = 26

const main = join(dirname(fileURLToPath(import.meta.url)), 'src', 'main.js')

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) await import(pathToFileURL(main).href)
else goOnWith(findNode())

function goOnWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function findNode() {
  const platform = `${process.platform}-${process.arch}`
  for (const name of [`node-${platform}`, `node-bin-${platform}`, `node-win-${process.arch}`]) {
    const found = findProgram(name)
    if (found) return found
  }
  process.stderr.write(`packyard: needs Node ${NODE_MAJOR_MIN}, and there is no package with it for ${platform}\n`)
  process.exit(1)
}

function findProgram(name) {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
    return ['node', 'node.exe'].map((file) => join(folder, 'bin', file)).find((file) => existsSync(file))
  } catch {
    return undefined
  }
}
