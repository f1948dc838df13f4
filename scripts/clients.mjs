/**
 * Installs the real clients that the scenarios drive, and the benchmark's peer, below test/clients: exact versions,
 * outside the project's own lock file. Does nothing when they are there.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLocked, isInstalled } from './installation.mjs'

const clients = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test', 'clients')

for (const [what, folder] of [
  ['the clients', clients],
  ['the .NET SDK', join(clients, 'dotnet')],
]) {
  if (isInstalled(folder)) console.log(`${what}: installed`)
  else if (installLocked(folder, ['--ignore-scripts'])) console.log(`${what}: installed now`)
  else process.exitCode = 1
}
