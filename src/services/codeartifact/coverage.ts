import type { Operation } from './operation.ts'

/** `docs/coverage.md`: the table of operations for people to read. */
export function renderCoveragePage(operations: Readonly<Record<string, Operation>>): string {
  const rows = Object.entries(operations).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return [introduction, ...head, ...rows.map(renderRow), ''].join('\n')
}

const introduction = `# Coverage of the CodeArtifact API

<!-- Made from the table in src/services/codeartifact/operations.ts by scripts/coverage-page.ts: change that, not this. -->

All 48 operations of the service work; the remarks say where one differs from the service on purpose, or stops short.
`

const head = ['| Operation | Request | Remarks |', '| --- | --- | --- |']

function renderRow([name, row]: readonly [string, Operation]): string {
  return `| ${name} | \`${row.http}\` | ${row.remark ?? ''} |`
}
