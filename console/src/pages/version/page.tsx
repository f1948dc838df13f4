import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { packageArn } from '../../api/arns.ts'
import type { OfVersion, VersionDescription } from '../../api/codeartifact.ts'
import { useCaller } from '../../api/use-caller.ts'
import { useResource } from '../../api/use-resource.ts'
import type { PageProps } from '../../routes.ts'
import { useQueryParameter } from '../../routing/location.ts'
import { VersionActions } from '../../versions/version-actions.tsx'
import { Loaded } from '../../widgets/loaded.tsx'
import { OutsideLink } from '../../widgets/outside-link.tsx'
import { renderOrigin, Status } from '../../widgets/status.tsx'
import { TabView } from '../../widgets/tab-view.tsx'
import { renderPackage, renderTime } from '../../widgets/texts.ts'
import { Assets } from './assets.tsx'
import { Dependencies } from './dependencies.tsx'
import { History } from './history.tsx'
import { Readme } from './readme.tsx'

/** One version of a package, with all that is known of it. */
export default function VersionPage({ params }: PageProps) {
  const [namespace] = useQueryParameter('namespace')
  const { domain = '', owner = '', repository = '', format = '', package: name = '', version = '' } = params
  const named: OfVersion = {
    domain,
    domainOwner: owner,
    repository,
    format,
    package: name,
    packageVersion: version,
    ...(namespace && { namespace }),
  }
  const arn = packageArn(useCaller(), named)
  const described = useResource(`version ${arn} ${version}`, (client, signal) => {
    return client.codeartifact('DescribePackageVersion', named, signal)
  })
  return (
    <Loaded resource={described} what="The package version">
      {({ packageVersion }) => (
        <Version named={named} arn={arn} described={packageVersion} onChanged={described.reload} />
      )}
    </Loaded>
  )
}

interface VersionProps {
  readonly named: OfVersion
  readonly arn: string
  readonly described: VersionDescription
  readonly onChanged: () => void
}

function Version({ named, arn, described, onChanged }: VersionProps) {
  const { packageVersion, ...ofPackage } = named
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={described.summary}
        actions={<VersionActions named={ofPackage} arn={arn} versions={[packageVersion]} onChanged={onChanged} />}
      >
        {renderPackage(named)} {packageVersion}
      </Header>
      <VersionFacts described={described} />
      <TabView
        label="What there is about the version"
        tabs={[
          { id: 'readme', label: 'README', content: <Readme named={named} /> },
          { id: 'assets', label: 'Assets', content: <Assets named={named} /> },
          { id: 'dependencies', label: 'Dependencies', content: <Dependencies named={named} /> },
          { id: 'history', label: 'History', content: <History arn={arn} version={packageVersion} /> },
        ]}
      />
    </SpaceBetween>
  )
}

function VersionFacts({ described }: { readonly described: VersionDescription }) {
  const { status, origin, publishedTime, licenses, homePage, sourceCodeRepository, revision } = described
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Status', value: <Status status={status} /> },
          { label: 'Origin', value: renderOrigin(origin) },
          { label: 'Published', value: renderTime(publishedTime) },
          {
            label: 'Licences',
            value: licenses.length === 0 ? 'None named' : <Licences licences={licenses} />,
          },
          { label: 'Home page', value: homePage ? <OutsideLink address={homePage} /> : '–' },
          { label: 'Source code', value: sourceCodeRepository ? <OutsideLink address={sourceCodeRepository} /> : '–' },
          { label: 'Revision', value: revision },
        ]}
      />
    </Container>
  )
}

function Licences({ licences }: { readonly licences: VersionDescription['licenses'] }) {
  return licences.map(({ name, url }) => (
    <div key={`${name} ${url ?? ''}`}>{url ? <OutsideLink address={url} text={name} /> : name}</div>
  ))
}
