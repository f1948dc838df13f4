import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { until } from '../../test/support/processes.ts'
import { lockFolder } from './folder-lock.ts'

test('one process has the folder, until it lets go or is killed', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'packyard-lock-'))
  t.after(async () => rm(folder, { recursive: true }))
  const own = lockFolder(folder)
  assert.ok(own)
  assert.equal(lockFolder(folder), undefined)
  own.release()
  const module = new URL('folder-lock.ts', import.meta.url).href
  const program = `import { lockFolder } from '${module}'
    globalThis.held = lockFolder(process.argv[1]); console.info(held ? 'held' : 'not'); setInterval(() => held, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program, folder])
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  assert.equal(said.toString().trim(), 'held')
  assert.equal(lockFolder(folder), undefined)
  child.kill('SIGKILL')
  const again = await until('the lock', () => lockFolder(folder))
  again.release()
})
