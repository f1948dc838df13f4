import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from './processes.ts'

/** Set where a test runs once more, as root of a namespace of its own. */
const NAMESPACE_VARIABLE = 'PACKYARD_TEST_NAMESPACE'

/**
 * A test on small file systems of its own. Where this user may not mount any, it runs in a user namespace, where everybody
 * may; it is skipped where there are no such namespaces. `file`: the test's own, as `import.meta.url`.
 */
export function testOnSmallDisk(file: string, title: string, body: (t: TestContext) => Promise<void>): void {
  test(title, async (t) => {
    if (mayMount([])) return body(t)
    if (process.env[NAMESPACE_VARIABLE] !== undefined || !mayMount(['unshare', '-Urm'])) {
      t.skip('no file system can be mounted here, nor in a namespace')
      return
    }
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const pattern = `^${title.replace(/[^\w ]/g, '.')}$`
    const again = ['-Urm', process.execPath, '--test', '--test-name-pattern', pattern, fileURLToPath(file)]
    const result = await run('unshare', again, {
      cwd: process.cwd(),
      env: { ...clean(env), [NAMESPACE_VARIABLE]: '1' },
    })
    assert.equal(result.code, 0, result.output)
    assert.match(result.stdout, /pass 1\b/)
    assert.match(result.stdout, /skipped 0\b/)
  })
}

/** As a program before the command. */
function mayMount(before: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-mount-'))
  const script = 'mount -t tmpfs -o size=1m tmpfs "$1" && umount "$1"'
  const shell: readonly string[] = ['sh', '-c', script, 'sh', folder]
  const [program = '', ...words] = [...before, ...shell]
  try {
    execFileSync(program, words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

function clean(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** A file system of this size; it goes with the test. */
export function mountSmall(t: TestContext, sizeMib: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-small-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', folder], { stdio: 'ignore' })
  t.after(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true })
  })
  return folder
}

/** Takes all room that is left. */
export function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  const block = Buffer.alloc(65_536, 1)
  try {
    for (;;) if (writeSync(descriptor, block) < block.length) return
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  } finally {
    closeSync(descriptor)
  }
}
