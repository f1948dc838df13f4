import Container from '@cloudscape-design/components/container'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useEffect, useRef } from 'react'
import type { OfVersion } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { Loaded } from '../../widgets/loaded.tsx'
import { renderReadme } from './render-readme.ts'
import './readme.css'

/** What the package says of itself: somebody else's text, which is cleaned before it is shown. */
export function Readme({ named }: { readonly named: OfVersion }) {
  const readme = useResource(`readme ${JSON.stringify(named)}`, (client, signal) => {
    return client.codeartifact('GetPackageVersionReadme', named, signal)
  })
  if (readme.error?.status === 404) {
    return <StatusIndicator type="info">This version has no README.</StatusIndicator>
  }
  return (
    <Container>
      <Loaded resource={readme} what="The README">
        {({ readme: text }) => <Rendered text={text} />}
      </Loaded>
    </Container>
  )
}

function Rendered({ text }: { readonly text: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.replaceChildren(renderReadme(text)), [text])
  return <div className="readme" ref={place} />
}
