import Container from '@cloudscape-design/components/container'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useEffect, useRef } from 'react'
import type { OfVersion } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { Loaded } from '../../widgets/loaded.tsx'
import { cleanHtml } from './clean-html.ts'
import './readme.css'

interface ReadmeAnswer {
  /** Absent where there is only the text. */
  readonly html?: string
  readonly text: string
}

/** What the package says of itself: somebody else's text, which is cleaned before it is shown. */
export function Readme({ named }: { readonly named: OfVersion }) {
  const readme = useResource(`readme ${JSON.stringify(named)}`, (client, signal) => {
    return client.packyard<ReadmeAnswer>('GET /packages/readme', named, signal)
  })
  if (readme.error?.status === 404) {
    return <StatusIndicator type="info">This version has no README.</StatusIndicator>
  }
  return (
    <Container>
      <Loaded resource={readme} what="The README">
        {({ html, text }) =>
          html === undefined ? <pre className="readme-text">{text}</pre> : <Rendered html={html} />
        }
      </Loaded>
    </Container>
  )
}

function Rendered({ html }: { readonly html: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.replaceChildren(cleanHtml(html)), [html])
  return <div className="readme" ref={place} />
}
