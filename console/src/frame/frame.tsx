import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { navigation } from '../routes.ts'
import { base } from '../routing/match.ts'
import { Breadcrumbs, type Crumb } from './breadcrumbs.tsx'
import { useTheme } from './theme.ts'
import './frame.css'

export interface FrameProps {
  /** Name of who is signed in. */
  readonly who: string
  readonly crumbs: readonly Crumb[]
  readonly notices: ReactNode
  readonly onSignOut: () => void
  readonly children: ReactNode
}

/** What stands around every page. */
export function Frame({ who, crumbs, notices, onSignOut, children }: FrameProps) {
  const here = crumbs.at(-1)?.href ?? base
  // On a narrow screen the menu covers the page; it was opened on one page, and is closed on the next.
  const [openAt, setOpenAt] = useState<string>()
  const isOpen = openAt === here
  const main = useArrival(crumbs.at(-1))
  return (
    <div className="frame">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="bar">
        <button
          type="button"
          className="bar-menu"
          aria-expanded={isOpen}
          onClick={() => setOpenAt(isOpen ? undefined : here)}
        >
          Menu
        </button>
        <a className="bar-name" href={`${base}/`}>
          Packyard
        </a>
        <span className="bar-who">{who}</span>
        <ThemeButton />
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <div className={isOpen ? 'side side-open' : 'side'}>
        <SideNavigation activeHref={sectionOf(crumbs)} items={navigationItems()} />
      </div>
      <main className="content" id="content" tabIndex={-1} ref={main}>
        <Breadcrumbs crumbs={crumbs} />
        {notices}
        {children}
      </main>
    </div>
  )
}

export function ThemeButton() {
  const [theme, toggle] = useTheme()
  return (
    <button type="button" aria-pressed={theme === 'dark'} onClick={toggle}>
      Dark
    </button>
  )
}

/** After a step to another page the title says where one is, and the keyboard goes on from where its content begins. */
function useArrival(crumb: Crumb | undefined): RefObject<HTMLElement | null> {
  const content = useRef<HTMLElement>(null)
  const arrived = useRef<string>(undefined)
  const { text, href } = crumb ?? {}
  useEffect(() => {
    document.title = text === undefined ? 'Packyard' : `${text} · Packyard`
    if (arrived.current !== undefined && arrived.current !== href) {
      content.current?.focus({ preventScroll: true })
      window.scrollTo(0, 0)
    }
    arrived.current = href
  }, [text, href])
  return content
}

function sectionOf(crumbs: readonly Crumb[]): string {
  return crumbs[0]?.href ?? ''
}

function navigationItems(): SideNavigationProps.Item[] {
  return navigation.map(({ section, links }) => ({
    type: 'section-group',
    title: section,
    items: Object.entries(links).map(([text, path]) => ({ type: 'link', text, href: base + path })),
  }))
}
