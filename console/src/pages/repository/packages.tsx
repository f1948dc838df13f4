import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import Select from '@cloudscape-design/components/select'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { InRepository } from '../../api/codeartifact.ts'
import { usePages } from '../../api/use-pages.ts'
import { formats } from '../../catalogue/formats.ts'
import { useQueryParameter } from '../../routing/location.ts'
import { packagePath } from '../../routing/paths.ts'
import { listPackages, type ListedPackage, searchPackages } from './find-packages.ts'
import { useSettled } from '../../widgets/use-settled.ts'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderPackage } from '../../widgets/texts.ts'

const everyFormat = { value: '', label: 'Every format' }
const choices = [everyFormat, ...formats.map(({ id, label }) => ({ value: id, label }))]

/** The packages of a repository, found by any part of their names while one types. */
export function Packages({ place, arn }: { readonly place: InRepository; readonly arn: string }) {
  const [prefix, setPrefix] = useQueryParameter('package')
  const [format, setFormat] = useQueryParameter('format')
  const wanted = useSettled(prefix)
  const pages = usePages(`packages ${arn} ${format} ${wanted}`, (client, nextToken, signal) => {
    const input = { ...place, ...(format && { format }), ...(nextToken && { nextToken }), maxResults: 50 }
    return wanted === ''
      ? listPackages(client, input, signal)
      : searchPackages(client, { ...input, text: wanted }, signal)
  })
  return (
    <PagedTable
      what="packages"
      pages={pages}
      empty={wanted === '' ? 'No packages' : `No package’s name holds ${wanted}`}
      header={<Header>Packages</Header>}
      filter={
        <div className="filters">
          <TextFilter
            filteringText={prefix}
            filteringPlaceholder="Any part of the name"
            filteringClearAriaLabel="Clear"
            filteringAriaLabel="Find packages"
            onChange={({ detail }) => setPrefix(detail.filteringText)}
          />
          <Select
            ariaLabel="Format"
            options={choices}
            selectedOption={choices.find(({ value }) => value === format) ?? everyFormat}
            onChange={({ detail }) => setFormat(detail.selectedOption.value ?? '')}
          />
        </div>
      }
      columnDefinitions={[
        {
          id: 'name',
          header: 'Package',
          isRowHeader: true,
          cell: (each: ListedPackage) => <Link href={packagePath({ ...place, ...each })}>{renderPackage(each)}</Link>,
        },
        { id: 'format', header: 'Format', cell: (each) => each.format },
        {
          id: 'publish',
          header: 'Publish',
          cell: ({ originConfiguration }) => originConfiguration?.restrictions.publish ?? '–',
        },
        {
          id: 'upstream',
          header: 'From upstream',
          cell: ({ originConfiguration }) => originConfiguration?.restrictions.upstream ?? '–',
        },
      ]}
    />
  )
}
