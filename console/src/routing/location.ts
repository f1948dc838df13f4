import { useEffect, useSyncExternalStore } from 'react'

/** Goes to an address of the console without loading it anew. */
export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') window.history.pushState(null, '', to)
  else window.history.replaceState(null, '', to)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

/** The address as it is now; a component that asks is drawn again when it changes. */
export function useLocation(): URL {
  return new URL(useSyncExternalStore(subscribe, () => window.location.href))
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange)
  return () => window.removeEventListener('popstate', onChange)
}

/** Makes every plain click on a link into the console a step within it, whichever component drew the link. */
export function useLinks(base: string): void {
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null
      if (!link || !isPlainClick(event) || link.getAttribute('target') === '_blank' || link.hasAttribute('download'))
        return
      // Of a link within a picture, `href` is no text: its attribute is.
      const { origin, pathname, search } = new URL(link.getAttribute('href') ?? '', window.location.href)
      if (origin !== window.location.origin || !pathname.startsWith(`${base}/`)) return
      event.preventDefault()
      navigate(pathname + search)
    }
    document.addEventListener('click', follow)
    return () => document.removeEventListener('click', follow)
  }, [base])
}

function isPlainClick({ button, metaKey, ctrlKey, shiftKey, altKey, defaultPrevented }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey && !defaultPrevented
}

/** A parameter of the query, kept in the address so that it can be sent to somebody. */
export function useQueryParameter(name: string): [string, (value: string) => void] {
  const location = useLocation()
  const set = (value: string) => {
    const next = new URL(window.location.href)
    if (value === '') next.searchParams.delete(name)
    else next.searchParams.set(name, value)
    navigate(next.pathname + next.search, 'replace')
  }
  return [location.searchParams.get(name) ?? '', set]
}
