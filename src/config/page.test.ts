import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderConfigurationPage } from './page.ts'

test('docs/configuration.md says what the table of settings says', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  assert.equal(page, renderConfigurationPage(), 'run: node scripts/configuration-page.ts')
})
