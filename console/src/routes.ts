import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { matchPath, type Params } from './routing/match.ts'

export interface PageProps {
  readonly params: Params
}

/** A page: its address below `/console`, what it is called, and its code, which is loaded when somebody goes there. */
export interface PageRoute {
  readonly path: `/${string}`
  title(params: Params): string
  readonly Page: LazyExoticComponent<ComponentType<PageProps>>
}

type PageModule = Promise<{ readonly default: ComponentType<PageProps> }>

function route(path: `/${string}`, title: PageRoute['title'] | string, load: () => PageModule): PageRoute {
  return { path, title: typeof title === 'string' ? () => title : title, Page: lazy(load) }
}

/** A page is called as what it is about. */
function named(parameter: string): PageRoute['title'] {
  return (params) => params[parameter] ?? ''
}

const inRepository = '/domains/:owner/:domain/repositories/:repository'
const ofPackage = `${inRepository}/packages/:format/:package` as const

/** Every page. First match wins. */
const routes: readonly PageRoute[] = [
  route('/domains', 'Domains', () => import('./pages/domains/page.tsx')),
  route('/domains/:owner/:domain', named('domain'), () => import('./pages/domain/page.tsx')),
  route('/domains/:owner/:domain/new-repository', 'Create repository', () => import('./pages/new-repository/page.tsx')),
  route(
    '/domains/:owner/:domain/package-groups/:group',
    named('group'),
    () => import('./pages/package-group/page.tsx'),
  ),
  route(inRepository, named('repository'), () => import('./pages/repository/page.tsx')),
  route(ofPackage, named('package'), () => import('./pages/package/page.tsx')),
  route('/tokens', 'Tokens', () => import('./pages/tokens/page.tsx')),
  route('/audit', 'Audit', () => import('./pages/audit/page.tsx')),
  route('/usage', 'Usage', () => import('./pages/usage/page.tsx')),
  route('/health', 'Health', () => import('./pages/health/page.tsx')),
  route('/jobs', 'Jobs', () => import('./pages/jobs/page.tsx')),
  route(`${ofPackage}/versions/:version`, named('version'), () => import('./pages/version/page.tsx')),
]

/** Where one arrives without an address. */
export const firstPage = '/domains'

/** What stands in the side navigation. */
export const navigation: readonly { readonly section: string; readonly links: Readonly<Record<string, string>> }[] = [
  { section: 'Catalogue', links: { Domains: '/domains' } },
  { section: 'Access', links: { Tokens: '/tokens' } },
  { section: 'Activity', links: { Audit: '/audit', Usage: '/usage' } },
  { section: 'Installation', links: { Health: '/health', Jobs: '/jobs' } },
]

export interface Place {
  readonly route: PageRoute
  readonly params: Params
}

/** The page at a path below `/console`; undefined when there is none. */
export function findPlace(path: string): Place | undefined {
  for (const candidate of routes) {
    const params = matchPath(candidate.path, path)
    if (params) return { route: candidate, params }
  }
  return undefined
}
