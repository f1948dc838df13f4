import type { Operation } from './operation.ts'

/** `docs/coverage.md`: the table of operations for people to read. */
export function renderCoveragePage(operations: Readonly<Record<string, Operation>>): string {
  const rows = Object.entries(operations).toSorted(([left], [right]) => (left < right ? -1 : 1))
  const done = rows.filter(([, row]) => row.isImplemented).length
  return [introduction, `${done} of ${rows.length} operations work.`, '', ...head, ...rows.map(renderRow), ''].join(
    '\n',
  )
}

const introduction = `# Coverage of the CodeArtifact API

<!-- Made from the table in src/services/codeartifact/operations.ts by scripts/coverage-page.ts: change that, not this. -->

Every operation of the service is routed, decoded, checked and authorized. Those that are not implemented yet answer
\`ValidationException\` with the reason \`UNKNOWN_OPERATION\` and a message that says so; as it is no fault of the server,
clients report it at once instead of trying again.
`

const head = ['| Operation | Request | Works | Remarks |', '| --- | --- | --- | --- |']

function renderRow([name, row]: readonly [string, Operation]): string {
  return `| ${name} | \`${row.http}\` | ${row.isImplemented ? 'yes' : 'not yet'} | ${row.remark ?? ''} |`
}
