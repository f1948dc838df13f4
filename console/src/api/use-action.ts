import { useState } from 'react'
import { useNotices } from '../frame/notices.tsx'
import type { Client } from './client.ts'
import { useClient } from './use-client.ts'

export interface Action {
  readonly isBusy: boolean
  /** Says what went wrong where notices stand; resolves to whether it went well. */
  run(what: string, act: (client: Client) => Promise<unknown>): Promise<boolean>
}

/** Something that a person sets off. `what` in a failure's title: `The domain was not created`. */
export function useAction(): Action {
  const client = useClient()
  const notices = useNotices()
  const [isBusy, setBusy] = useState(false)
  return {
    isBusy,
    async run(what, act) {
      setBusy(true)
      try {
        await act(client)
        return true
      } catch (thrown) {
        notices.fail(what, thrown)
        return false
      } finally {
        setBusy(false)
      }
    },
  }
}
