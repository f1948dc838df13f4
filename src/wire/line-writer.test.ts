import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { until } from '../../test/support/processes.ts'
import { LineWriter, type LineWriterOptions } from './line-writer.ts'

function makeWriter(t: TestContext, options: Partial<LineWriterOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'packyard-lines-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log')
  const descriptor = openSync(file, 'w')
  const settings = {
    descriptor,
    charactersPerWrite: 10,
    flushMs: 20,
    waitingMax: 1000,
    renderDropped: String,
    ...options,
  }
  return { writer: new LineWriter(settings), read: () => readFileSync(file, 'utf8') }
}

test('Lines come out whole, in order, and without being asked for', async (t) => {
  const { writer, read } = makeWriter(t)
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i} ü\n`)
  for (const line of lines) writer.write(line)
  await until('the lines', () => (read() === lines.join('') ? true : undefined))
})

test('A single line does not wait for others for ever', async (t) => {
  const { writer, read } = makeWriter(t)
  writer.write('one\n')
  await until('the line', () => read() || undefined)
  assert.equal(read(), 'one\n')
})

test('Lines for which there was no room are counted', async (t) => {
  const { writer, read } = makeWriter(t, { waitingMax: 100, renderDropped: (count) => `${count} dropped\n` })
  for (let i = 0; i < 200; i++) writer.write('123456789\n')
  await until('room', () => read().length >= 100 || undefined)
  writer.write('last\n')
  await until('the rest', () => read().endsWith('last\n') || undefined)
  const [, kept = '', dropped] = /^((?:123456789\n)+)(\d+) dropped\nlast\n$/.exec(read()) ?? []
  assert.equal(kept.length / 10 + Number(dropped), 200)
})

test('A flush writes what is waiting before it returns', (t) => {
  const { writer, read } = makeWriter(t, { charactersPerWrite: 1000 })
  writer.write('one\n')
  writer.write('two\n')
  writer.flush()
  assert.equal(read(), 'one\ntwo\n')
})

test('When nobody reads, what waits is bounded, and a reader that has gone does no harm', async (t) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: ['pipe', 'ignore', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const descriptor = (child.stdin as unknown as { _handle: { fd: number } })._handle.fd
  const { writer } = makeWriter(t, { descriptor, charactersPerWrite: 4096, waitingMax: 10_000 })
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 200_000; i++) writer.write(`${'x'.repeat(400)}${i}\n`)
  assert.ok(process.memoryUsage().heapUsed - before < 20_000_000)
  child.kill('SIGKILL')
  await once(child, 'exit')
  writer.write('into nowhere\n')
  writer.flush()
})
