import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import type { AssetSummary, OfVersion } from '../../api/codeartifact.ts'
import { usePages } from '../../api/use-pages.ts'
import { CopiedText } from '../../widgets/copied-text.tsx'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderBytes } from '../../widgets/texts.ts'

/** The files of a version, with their hashes, to be downloaded. */
export function Assets({ named }: { readonly named: OfVersion }) {
  const pages = usePages(`assets ${JSON.stringify(named)}`, async (client, nextToken, signal) => {
    const input = { ...named, maxResults: 50, ...(nextToken && { nextToken }) }
    const found = await client.codeartifact('ListPackageVersionAssets', input, signal)
    return { items: found.assets, nextToken: found.nextToken }
  })
  return (
    <PagedTable
      what="assets"
      pages={pages}
      header={<Header>Assets</Header>}
      columnDefinitions={[
        {
          id: 'name',
          header: 'Asset',
          isRowHeader: true,
          cell: ({ name }: AssetSummary) => (
            <a href={downloadAddress(named, name)} download>
              {name}
            </a>
          ),
        },
        { id: 'size', header: 'Size', cell: ({ size }) => renderBytes(size) },
        { id: 'hashes', header: 'Hashes', minWidth: 240, cell: (asset) => <Hashes asset={asset} /> },
      ]}
    />
  )
}

function Hashes({ asset: { name, hashes } }: { readonly asset: AssetSummary }) {
  return (
    <ExpandableSection headerText="Hashes" headerAriaLabel={`Hashes of ${name}`}>
      {Object.entries(hashes).map(([algorithm, hash]) => (
        <div key={algorithm}>
          {algorithm}: <CopiedText what={`${algorithm} of ${name}`} text={hash} />
        </div>
      ))}
    </ExpandableSection>
  )
}

/** The server answers with an attachment: what is downloaded is never shown on the console's own origin. */
function downloadAddress(named: OfVersion, asset: string): string {
  const query = new URLSearchParams({ ...named, asset })
  return `/packyard/v1/packages/asset?${query.toString()}`
}
