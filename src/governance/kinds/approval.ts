import Type from 'typebox'
import { parseGroupPattern } from '../../registry/group-pattern.ts'
import { showTime } from '../../registry/held.ts'
import { isExcepted, patternsSchema } from '../exceptions.ts'
import { defineKind, type Judge, pass, type Verdict } from '../kind.ts'
import { isMeant } from '../origins.ts'

/** Nothing from outside before somebody has looked at it; or everything but what somebody has denied. */
export const approval = defineKind({
  id: 'approval',
  summary: 'Holds what comes from outside until it is approved, and whatever is denied.',
  isApprovable: true,
  parameters: {
    default: Type.Optional(
      Type.Union([Type.Literal('hold'), Type.Literal('pass')], {
        rule: 'must be "hold", what is not approved, or "pass", what is not denied',
      }),
    ),
    autoApprove: Type.Optional(patternsSchema),
  },
  check({ autoApprove }) {
    for (const pattern of autoApprove ?? []) parseGroupPattern(pattern)
  },
  gate({ default: undecided = 'hold', autoApprove }, { name }) {
    return judgeDecision(undecided === 'pass' || isExcepted(autoApprove, name) ? 'pass' : 'hold')
  },
})

/** An approval never comes here: it has let the version pass before. */
function judgeDecision(undecided: 'hold' | 'pass'): Judge {
  return ({ action, origin, decision }): Verdict => {
    if (decision?.kind === 'denied') {
      const ends = undecided === 'pass' && decision.expiresAt !== undefined
      const comment = decision.comment === '' ? '' : `: ${decision.comment}`
      return {
        kind: 'hold',
        reason: `denied ${showTime(decision.decidedAt)}${comment}`,
        isApprovable: false,
        ...(ends && { availableAt: decision.expiresAt }),
      }
    }
    if (undecided === 'pass' || action === 'publish' || !isMeant('outside', origin)) return pass
    return { kind: 'hold', reason: 'it has not been approved yet' }
  }
}
