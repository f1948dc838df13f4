import { Component, type ReactNode } from 'react'
import Alert from '@cloudscape-design/components/alert'
import { Failure } from './notices.tsx'

interface PageBoundaryProps {
  readonly children: ReactNode
}

/** A page that fails to draw, or whose code cannot be loaded, leaves the frame standing and says why. */
export class PageBoundary extends Component<PageBoundaryProps, { readonly thrown?: unknown }> {
  override state: { readonly thrown?: unknown } = {}

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown }
  }

  override render() {
    if (this.state.thrown === undefined) return this.props.children
    return (
      <Alert type="error" header="This page could not be shown">
        <Failure thrown={this.state.thrown} />
      </Alert>
    )
  }
}
