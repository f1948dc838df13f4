import { useEffect, useState } from 'react'
import type { Job } from './job.ts'

/** A job as it is now: of one that has not ended, the server sends each change. */
export function useJobProgress(job: Job): Job {
  const [latest, setLatest] = useState<Job>()
  const isOpen = job.state === 'waiting' || job.state === 'running'
  useEffect(() => {
    if (!isOpen) return undefined
    const source = new EventSource(`/packyard/v1/jobs/${encodeURIComponent(job.id)}/events`)
    source.addEventListener('job', ({ data }: MessageEvent<string>) => setLatest(JSON.parse(data) as Job))
    source.addEventListener('end', () => source.close())
    return () => source.close()
  }, [job.id, isOpen])
  return latest?.id === job.id ? latest : job
}
