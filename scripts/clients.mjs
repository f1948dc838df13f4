/**
 * Installs the real clients that the scenarios drive, and the benchmark's peer, into test/clients/node_modules: exact
 * versions, outside the project's own lock file. Does nothing when they are there.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLocked, isInstalled } from './installation.mjs'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test', 'clients')

if (isInstalled(folder)) console.log('the clients are installed')
else if (installLocked(folder, ['--ignore-scripts'])) console.log('the clients have been installed')
else process.exitCode = 1
