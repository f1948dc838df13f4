import Alert from '@cloudscape-design/components/alert'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'
import { adviceFor, toApiError } from '../api/api-error.ts'

interface Notice {
  readonly id: number
  readonly type: 'success' | 'error' | 'info'
  readonly header: string
  readonly content?: ReactNode
}

/** How a page says what has happened. */
export interface Notices {
  succeed(header: string, content?: ReactNode): void
  /** Shows what a call threw: what failed, why, what to do, and the request id. */
  fail(header: string, thrown: unknown): void
}

const NoticesContext = createContext<Notices>({ succeed: () => {}, fail: () => {} })

export function useNotices(): Notices {
  return useContext(NoticesContext)
}

/** How many stand at once; older ones go. Unit: notices. Ours. */
const NOTICES_MAX = 4

/** Keeps the notices, and draws them where `children` puts them. */
export function NoticeBoard({ children }: { readonly children: (board: ReactNode) => ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([])
  const add = useCallback((notice: Omit<Notice, 'id'>) => {
    setNotices((before) => [...before, { ...notice, id: (before.at(-1)?.id ?? 0) + 1 }].slice(-NOTICES_MAX))
  }, [])
  const dismiss = (id: number) => setNotices((before) => before.filter((notice) => notice.id !== id))
  const [board] = useState<Notices>(() => ({
    succeed: (header, content) => add({ type: 'success', header, content }),
    fail: (header, thrown) => add({ type: 'error', header, content: <Failure thrown={thrown} /> }),
  }))
  const drawn = (
    <div className="notices" aria-live="polite">
      {notices.map(({ id, type, header, content }) => (
        <Alert
          key={id}
          type={type}
          header={header}
          dismissible
          dismissAriaLabel="Dismiss"
          onDismiss={() => dismiss(id)}
        >
          {content}
        </Alert>
      ))}
    </div>
  )
  return <NoticesContext value={board}>{children(drawn)}</NoticesContext>
}

/** What the server said, what to do about it, and by what to find it in the server's log. */
export function Failure({ thrown }: { readonly thrown: unknown }) {
  const error = toApiError(thrown)
  return (
    <div className="failure">
      <p>{error.message}</p>
      <p>{adviceFor(error)}</p>
      <p className="failure-id">
        {error.code}
        {error.requestId === undefined ? '' : `, request id ${error.requestId}`}
      </p>
    </div>
  )
}
