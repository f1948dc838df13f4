import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-codeartifact'
import type { Operation } from './operation.ts'
import { operations } from './operations.ts'

/** A row that is missing, or has the wrong name, does not compile. */
type OperationName = Exclude<NameOfCommand<keyof typeof sdk>, '$'>
type NameOfCommand<Export> = Export extends `${infer Name}Command` ? Name : never

test('the table has exactly the operations that the official client has commands for', () => {
  const rows: Record<OperationName, Operation> = operations
  const commands = Object.keys(sdk).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? [])
  assert.deepEqual(Object.keys(rows).sort(), commands.sort())
  assert.equal(commands.length, 48)
})

test('no two operations share a method and path', () => {
  const bindings = Object.values(operations).map((row) => row.http)
  assert.equal(new Set(bindings).size, bindings.length)
})
