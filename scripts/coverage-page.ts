/** Writes docs/coverage.md from the table of operations. */
import { writeFileSync } from 'node:fs'
import { renderCoveragePage } from '../src/services/codeartifact/coverage.ts'
import { operations } from '../src/services/codeartifact/operations.ts'

writeFileSync(new URL('../docs/coverage.md', import.meta.url), renderCoveragePage(operations))
