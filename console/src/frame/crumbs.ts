import { findPlace } from '../routes.ts'
import { base } from '../routing/match.ts'
import type { Crumb } from './breadcrumbs.tsx'

/** The pages above an address, first to last: every beginning of its path that is a page itself. */
export function crumbsOf({ pathname, searchParams }: URL): Crumb[] {
  const segments = pathname.slice(base.length + 1).split('/')
  const crumbs = segments.flatMap((_, index) => {
    const path = `/${segments.slice(0, index + 1).join('/')}`
    const place = findPlace(path)
    if (!place) return []
    const namespace = place.params.package === undefined ? null : searchParams.get('namespace')
    const query = namespace ? `?${new URLSearchParams({ namespace }).toString()}` : ''
    return [{ text: place.route.title(place.params), href: `${base}${path}${query}` }]
  })
  return crumbs.length > 0 ? crumbs : [{ text: 'Not found', href: pathname }]
}
