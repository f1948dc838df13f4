import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import type { OfPackage, VersionStatus, VersionSummary } from '../../api/codeartifact.ts'
import { usePages } from '../../api/use-pages.ts'
import { useQueryParameter } from '../../routing/location.ts'
import { versionPath } from '../../routing/paths.ts'
import { VersionActions } from '../../versions/version-actions.tsx'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderOrigin, Status } from '../../widgets/status.tsx'

const statuses = ['', 'Published', 'Unfinished', 'Unlisted', 'Archived', 'Disposed'] as const
const choices = statuses.map((value) => ({ value, label: value === '' ? 'Every status' : value }))

/** The versions, newest first, to be looked at or changed together. */
export function Versions({ named, arn }: { readonly named: OfPackage; readonly arn: string }) {
  const [status, setStatus] = useQueryParameter('status')
  const [selected, setSelected] = useState<readonly VersionSummary[]>([])
  const pages = usePages(`versions ${arn} ${status}`, async (client, nextToken, signal) => {
    const filter = status === '' ? {} : { status: status as VersionStatus }
    const input = { ...named, ...filter, sortBy: 'PUBLISHED_TIME' as const, maxResults: 50 }
    const found = await client.codeartifact(
      'ListPackageVersions',
      { ...input, ...(nextToken && { nextToken }) },
      signal,
    )
    return { items: found.versions, nextToken: found.nextToken }
  })
  const reload = () => {
    setSelected([])
    pages.reload()
  }
  return (
    <PagedTable
      what="versions"
      pages={pages}
      selectionType="multi"
      trackBy="version"
      selectedItems={[...selected]}
      onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
      ariaLabels={{
        allItemsSelectionLabel: () => 'Select every version of the page',
        itemSelectionLabel: (_data, { version }) => `Select version ${version}`,
      }}
      header={
        <Header
          counter={selected.length === 0 ? '' : `(${selected.length} selected)`}
          actions={
            <VersionActions
              named={named}
              arn={arn}
              versions={selected.map(({ version }) => version)}
              onChanged={reload}
            />
          }
        >
          Versions
        </Header>
      }
      filter={
        <div className="filters">
          <Select
            ariaLabel="Status"
            options={choices}
            selectedOption={choices.find(({ value }) => value === status) ?? null}
            onChange={({ detail }) => setStatus(detail.selectedOption.value ?? '')}
          />
        </div>
      }
      columnDefinitions={[
        {
          id: 'version',
          header: 'Version',
          isRowHeader: true,
          cell: ({ version }: VersionSummary) => (
            <Link href={versionPath({ ...named, packageVersion: version })}>{version}</Link>
          ),
        },
        { id: 'status', header: 'Status', cell: (each) => <Status status={each.status} /> },
        { id: 'origin', header: 'Origin', cell: ({ origin }) => renderOrigin(origin) },
        { id: 'revision', header: 'Revision', cell: ({ revision }) => revision },
      ]}
    />
  )
}
