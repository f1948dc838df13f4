import type { RepositorySession } from '../../registry/session.ts'
import { type UpstreamRequest, type UpstreamSource, isUpstreamFailure } from '../../registry/upstream.ts'
import { addressBelow } from '../upstream-answers.ts'

/** Longest wait for an answer that a client can do without. Unit: ms. Ours; npm waits for it in every installation. */
const ANSWER_TIMEOUT_MS = 5000

/** Largest such answer. Unit: bytes. Ours. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

export interface Question extends Pick<UpstreamRequest, 'method' | 'headers' | 'body'> {
  /** Below the source's address. */
  readonly path: string
  /** Ends the waiting before its time. */
  readonly signal: AbortSignal
}

/** What the nearest source that answers with 200 and JSON says; undefined when none does, or not in time. */
export async function askSources(session: RepositorySession, question: Question): Promise<unknown> {
  const signal = AbortSignal.any([question.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)])
  for (const source of await session.reachableSources()) {
    const answer = await ask(source, { ...question, signal })
    if (answer !== undefined) return answer
  }
  return undefined
}

async function ask(source: UpstreamSource, { path, ...request }: Question): Promise<unknown> {
  try {
    const response = await source.request({ ...request, url: addressBelow(source, path) })
    if (response.status === 200) return JSON.parse((await response.bytes(ANSWER_BYTES_MAX)).toString('utf8'))
    response.body.destroy()
    return undefined
  } catch (error) {
    if (isUpstreamFailure(error) || request.signal.aborted || error instanceof SyntaxError) return undefined
    throw error
  }
}
