import { useEffect, useMemo, useState } from 'react'
import type { Job } from './job.ts'

/** Streams at once: a browser has six connections to a server, and the page's own requests need some. Ours. */
const STREAMS_MAX = 2

/** The jobs as they are now: of the first ones that run, the server sends each change. */
export function useProgress(jobs: readonly Job[]): readonly Job[] {
  const [latest, setLatest] = useState<ReadonlyMap<string, Job>>(new Map())
  const followed = jobs.filter(({ state }) => state === 'running').slice(0, STREAMS_MAX)
  const ids = followed.map(({ id }) => id).join(' ')
  useEffect(() => {
    const sources = ids.split(' ').filter(Boolean).map(open)
    return () => {
      for (const source of sources) source.close()
    }

    function open(id: string): EventSource {
      const source = new EventSource(`/packyard/v1/jobs/${encodeURIComponent(id)}/events`)
      source.addEventListener('job', ({ data }: MessageEvent<string>) => {
        const job = JSON.parse(data) as Job
        setLatest((known) => new Map(known).set(job.id, job))
      })
      source.addEventListener('end', () => source.close())
      return source
    }
  }, [ids])
  return useMemo(() => jobs.map((job) => latest.get(job.id) ?? job), [jobs, latest])
}
