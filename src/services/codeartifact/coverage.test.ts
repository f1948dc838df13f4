import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderCoveragePage } from './coverage.ts'
import { operations } from './operations.ts'

test('docs/coverage.md says what the table says; scripts/coverage-page.ts writes it', () => {
  const page = readFileSync(new URL('../../../docs/coverage.md', import.meta.url), 'utf8')
  assert.equal(page, renderCoveragePage(operations))
})
