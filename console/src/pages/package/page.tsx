import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { packageArn } from '../../api/arns.ts'
import type { OfPackage, PackageDescription } from '../../api/codeartifact.ts'
import { useCaller } from '../../api/use-caller.ts'
import { useResource } from '../../api/use-resource.ts'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import type { PageProps } from '../../routes.ts'
import { useQueryParameter } from '../../routing/location.ts'
import { Loaded } from '../../widgets/loaded.tsx'
import { TabView } from '../../widgets/tab-view.tsx'
import { renderPackage } from '../../widgets/texts.ts'
import { DeletePackage } from './delete-package.tsx'
import { Explanation } from './explanation.tsx'
import { OriginControls } from './origin-controls.tsx'
import { Versions } from './versions.tsx'

/** A package of a repository: its versions, and where further ones may come from. */
export default function PackagePage({ params }: PageProps) {
  const [namespace] = useQueryParameter('namespace')
  const { domain = '', owner = '', repository = '', format = '', package: name = '' } = params
  const named: OfPackage = {
    domain,
    domainOwner: owner,
    repository,
    format,
    package: name,
    ...(namespace && { namespace }),
  }
  const arn = packageArn(useCaller(), named)
  const described = useResource(`package ${arn}`, (client, signal) => {
    return client.codeartifact('DescribePackage', named, signal)
  })
  return (
    <Loaded resource={described} what="The package">
      {(found) => <Package named={named} arn={arn} described={found.package} onChanged={described.reload} />}
    </Loaded>
  )
}

interface PackageProps {
  readonly named: OfPackage
  readonly arn: string
  readonly described: PackageDescription
  readonly onChanged: () => void
}

function Package({ named, arn, described, onChanged }: PackageProps) {
  const [isDeleting, setDeleting] = useState(false)
  const { restrictions } = described.originConfiguration
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={`A package of the format ${named.format} in the repository ${named.repository}`}
        actions={
          <PermittedButton action="codeartifact:DeletePackage" resource={arn} onClick={() => setDeleting(true)}>
            Delete package
          </PermittedButton>
        }
      >
        {renderPackage(named)}
      </Header>
      <TabView
        label="What there is about the package"
        tabs={[
          { id: 'versions', label: 'Versions', content: <Versions named={named} arn={arn} /> },
          {
            id: 'origin',
            label: 'Origin controls',
            content: <OriginControls named={named} arn={arn} stored={restrictions} onChanged={onChanged} />,
          },
          { id: 'why', label: 'Where it comes from', content: <Explanation named={named} /> },
        ]}
      />
      {isDeleting ? <DeletePackage named={named} onEnd={() => setDeleting(false)} /> : null}
    </SpaceBetween>
  )
}
