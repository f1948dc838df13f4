import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { createPermissionChecks, type PermissionChecks, type Verdict } from './checks.ts'

const ChecksContext = createContext<PermissionChecks | undefined>(undefined)

/** Keeps what is known of what the one who is signed in may do, as long as the session lasts. */
export function Permissions({ children }: { readonly children: ReactNode }) {
  const client = useClient()
  const checks = useMemo(() => createPermissionChecks(client), [client])
  return <ChecksContext value={checks}>{children}</ChecksContext>
}

/** Whether an action may be done on a resource; undefined until it is known. */
export function usePermission(action: string, resource: string | undefined): Verdict | undefined {
  const checks = useContext(ChecksContext)
  const [known, setKnown] = useState<{ readonly of: string; readonly verdict: Verdict }>()
  const of = `${action} ${resource ?? ''}`
  useEffect(() => {
    if (resource === undefined || !checks) return undefined
    let isWanted = true
    void checks.check(action, resource).then((verdict) => isWanted && setKnown({ of, verdict }))
    return () => {
      isWanted = false
    }
  }, [checks, action, resource, of])
  return known?.of === of ? known.verdict : undefined
}
