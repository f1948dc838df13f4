#!/usr/bin/env node
import cluster from 'node:cluster'
import { constants, enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled code is kept beside what it was made from: a folder that others can write to could hand us code of theirs.
const folder = fileURLToPath(new URL('../node_modules/.cache/packyard', import.meta.url))
const { status } = enableCompileCache(folder)

/** Unit: ms. Ours. */
const EXIT_DELAY_MS = 1000

if (cluster.isWorker) {
  const { runWorker } = await import('./wire/worker.ts')
  runWorker()
} else {
  const { runCommandLine } = await import('./wire/command-line.ts')
  process.exitCode = await runCommandLine({
    args: process.argv.slice(2),
    env: process.env,
    program: fileURLToPath(import.meta.url),
    compileCache: status === constants.compileCacheStatus.FAILED ? undefined : folder,
    writeOut: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    readIn: () => process.stdin,
  })
  // A connection or thread that something left open must not keep a command that is done.
  setTimeout(() => process.exit(), EXIT_DELAY_MS).unref()
}
