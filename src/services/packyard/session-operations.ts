import Type from 'typebox'
import type { ConsoleSession } from '../../access/console-sessions.ts'
import { RegistryError } from '../../registry/errors.ts'
import { isoTime, nextPage, pageInput, pageOf, text, time } from './fields.ts'
import { operation } from './operation.ts'
import { accountTarget } from './targets.ts'

/** Ours. */
const SESSIONS_PER_PAGE = 100

const session = Type.Object({
  sessionId: Type.String(),
  principalArn: Type.String(),
  accessKeyId: Type.String(),
  remoteAddress: Type.String(),
  userAgent: Type.String(),
  begunAt: time,
  /** To the minute. */
  usedAt: time,
  expiresAt: time,
})

export const sessionOperations = {
  ListSessions: operation({
    http: 'GET /packyard/v1/sessions',
    summary: "Lists who of the caller's account is signed in to the console, latest first.",
    input: pageInput,
    output: pageOf('sessions', session),
    target: accountTarget('session/*'),
    async run({ parts, address, page, nextToken }) {
      const { items, next } = await parts.consoleSessions.list(address, page(SESSIONS_PER_PAGE))
      return { sessions: items.map(toSession), ...nextPage(nextToken(next)) }
    },
  }),
  EndSession: operation({
    http: 'DELETE /packyard/v1/sessions/{sessionId}',
    summary: 'Signs somebody out, in every process at once.',
    input: { sessionId: text(100) },
    output: Type.Object({ session }),
    target: ({ sessionId }, scope) => accountTarget(`session/${sessionId}`)({}, scope),
    async run({ parts, input: { sessionId }, address }) {
      const ended = await parts.consoleSessions.end(sessionId, address)
      if (!ended) throw new RegistryError('missing', `there is no session '${sessionId}'`)
      return { session: toSession(ended) }
    },
  }),
}

function toSession({ accountId: _account, begunAt, usedAt, expiresAt, ...rest }: ConsoleSession) {
  return { ...rest, begunAt: isoTime(begunAt), usedAt: isoTime(usedAt), expiresAt: isoTime(expiresAt) }
}
