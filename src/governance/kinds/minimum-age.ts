import Type from 'typebox'
import { invalid } from '../../registry/errors.ts'
import { showTime } from '../../registry/held.ts'
import { parseGroupPattern } from '../../registry/group-pattern.ts'
import { defineKind, pass, type Judge } from '../kind.ts'
import { isExcepted, exceptParameter } from '../exceptions.ts'
import { durationMs, showDuration } from '../duration.ts'
import { isMeant, originsParameter } from '../origins.ts'

interface Age {
  readonly days?: number
  readonly duration?: string
}

/** Nothing younger than this: what is bad is often found out, and withdrawn, within days. */
export const minimumAge = defineKind({
  id: 'minimum-age',
  summary: 'Holds versions until they have been public for some time.',
  isApprovable: true,
  wantsDates: true,
  parameters: {
    days: Type.Optional(Type.Number({ minimum: 0, maximum: 3650, rule: 'must be a number of days from 0 to 3650' })),
    duration: Type.Optional(Type.String({ rule: 'must be an ISO 8601 duration, as "P7D" or "PT36H"' })),
    origins: originsParameter,
    except: exceptParameter,
  },
  check(parameters) {
    if ((parameters.days === undefined) === (parameters.duration === undefined)) {
      throw invalid('parameters', JSON.stringify(parameters), 'must have one of days and duration for minimum-age')
    }
    ageMs(parameters)
    for (const pattern of parameters.except ?? []) parseGroupPattern(pattern)
  },
  gate(parameters, { name }) {
    if (isExcepted(parameters.except, name)) return () => pass
    return judgeAge(ageMs(parameters), parameters.origins ?? 'outside')
  },
})

function ageMs({ days, duration }: Age): number {
  return duration === undefined ? (days ?? 0) * 86_400_000 : durationMs('parameters.duration', duration)
}

/** A publish may come in, and is seen when it is old enough. */
function judgeAge(ageMs: number, origins: 'outside' | 'all'): Judge {
  const age = showDuration(ageMs)
  return ({ action, origin, publishedAt, now }) => {
    if (action === 'publish' || !isMeant(origins, origin)) return pass
    if (publishedAt === undefined) {
      return { kind: 'hold', reason: `nobody says when it was published, and it must be ${age} old` }
    }
    const availableAt = publishedAt + ageMs
    if (availableAt <= now) return pass
    return { kind: 'hold', reason: `published ${showTime(publishedAt)}, less than ${age} ago`, availableAt }
  }
}
