import Spinner from '@cloudscape-design/components/spinner'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { createClient } from './api/client.ts'
import { type Caller, readSession, signOut } from './api/session.ts'
import { ClientContext } from './api/use-client.ts'
import { CallerContext } from './api/use-caller.ts'
import { Frame } from './frame/frame.tsx'
import { crumbsOf } from './frame/crumbs.ts'
import { Failure, NoticeBoard } from './frame/notices.tsx'
import { PageBoundary } from './frame/page-boundary.tsx'
import { Permissions } from './permissions/permissions.tsx'
import { findPlace, firstPage } from './routes.ts'
import { navigate, useLinks, useLocation } from './routing/location.ts'
import { base } from './routing/match.ts'

const SignIn = lazy(() => import('./pages/sign-in/sign-in.tsx'))

/** Nothing is shown before it is known who is there. */
export function App() {
  const [caller, setCaller] = useState<Caller>()
  const [failure, setFailure] = useState<unknown>()
  const [isAsked, setAsked] = useState(false)
  useEffect(() => {
    readSession()
      .then(setCaller, setFailure)
      .finally(() => setAsked(true))
  }, [])
  const forget = useCallback(() => setCaller(undefined), [])
  useLinks(base)
  if (!isAsked) return <Waiting />
  if (failure !== undefined) return <Failure thrown={failure} />
  if (caller) return <SignedIn caller={caller} onSignedOut={forget} />
  return (
    <Suspense fallback={<Waiting />}>
      <SignIn onSignedIn={setCaller} />
    </Suspense>
  )
}

interface SignedInProps {
  readonly caller: Caller
  readonly onSignedOut: () => void
}

function SignedIn({ caller, onSignedOut }: SignedInProps) {
  const location = useLocation()
  const client = useMemo(() => {
    return createClient({ fetch: window.fetch.bind(window), onSignedOut })
  }, [onSignedOut])
  const leave = () =>
    void signOut()
      .catch(() => undefined)
      .finally(onSignedOut)
  return (
    <CallerContext value={caller}>
      <ClientContext value={client}>
        <Permissions>
          <NoticeBoard>
            {(notices) => (
              <Frame who={caller.principal.arn} crumbs={crumbsOf(location)} notices={notices} onSignOut={leave}>
                <PageBoundary key={location.pathname}>
                  <Suspense fallback={<Waiting />}>
                    <CurrentPage path={location.pathname.slice(base.length)} />
                  </Suspense>
                </PageBoundary>
              </Frame>
            )}
          </NoticeBoard>
        </Permissions>
      </ClientContext>
    </CallerContext>
  )
}

function CurrentPage({ path }: { readonly path: string }): ReactNode {
  const place = findPlace(path)
  // A provider that refused leads to `/sign-in`, which is a page only for who is not signed in.
  const isFirst = path === '' || path === '/' || path === '/sign-in'
  useEffect(() => {
    if (isFirst) navigate(base + firstPage, 'replace')
  }, [isFirst])
  if (place) return <place.route.Page key={path} params={place.params} />
  if (isFirst) return null
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        Nothing of the console is at this address. <a href={base + firstPage}>Go to the domains.</a>
      </p>
    </>
  )
}

function Waiting() {
  return (
    <output className="waiting">
      <Spinner size="large" />
      <span className="unseen">Loading</span>
    </output>
  )
}
