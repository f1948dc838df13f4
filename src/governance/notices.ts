import type { Gates } from '../registry/gate.ts'
import { packageKey } from '../registry/names.ts'
import { writeFinding } from './findings.ts'
import { mergeAskers, type Notice, type NoticeParts } from './notice.ts'
import { writeRequest } from './requests.ts'

/** How long notices are gathered before they are written. Unit: ms. Ours. */
const GATHERED_MS = 500

/** Notices that wait at most; further ones are lost, as whoever wants a version asks again. Ours. */
const WAITING_MAX = 1_000

/** Gathered, so that an installation of a thousand packages that is refused costs the database little. */
export function createNotices(parts: NoticeParts): Pick<Gates, 'noteRefusal' | 'noteObserved' | 'flush'> {
  let refusals = new Map<string, Notice>()
  let observations = new Map<string, Notice>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const taken = [refusals, observations] as const
    refusals = new Map()
    observations = new Map()
    writing = writing.then(() => writeNotices(parts, ...taken))
    return writing
  }
  const gather = (notices: Map<string, Notice>, key: string, notice: Notice) => {
    const before = notices.get(key)
    if (!before && notices.size >= WAITING_MAX) return
    notices.set(key, before ? { ...notice, count: before.count + 1, askedBy: mergeAskers(notice, before) } : notice)
    timer ??= setTimeout(() => void flush(), GATHERED_MS).unref()
  }
  return {
    noteRefusal(place, { principal }, { held, message }) {
      const { name, version = '*', holds } = held
      if (!holds.every((hold) => hold.isApprovable)) return
      const key = `${place.node.id} ${packageKey(name)} ${version}`
      const askedBy = [principal.arn]
      gather(refusals, key, { place, name, version, holds, message, askedBy, count: 1, at: parts.clock() })
    },
    noteObserved(place, name, version, observed) {
      for (const hold of observed) {
        const key = `${hold.rule.id} ${place.node.id} ${packageKey(name)} ${version}`
        const notice = { place, name, version, holds: [hold], message: hold.reason, askedBy: [], count: 1 }
        gather(observations, key, { ...notice, at: parts.clock() })
      }
    },
    flush,
  }
}

/** Each by itself: one whose repository is gone meanwhile takes no other along. */
async function writeNotices(
  parts: NoticeParts,
  refusals: ReadonlyMap<string, Notice>,
  observations: ReadonlyMap<string, Notice>,
): Promise<void> {
  for (const notice of refusals.values()) await attempt(() => writeRequest(parts, notice))
  for (const notice of observations.values()) await attempt(() => writeFinding(parts, notice))
}

async function attempt(write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch {
    // Whoever wants the version asks again; a database that is down shows itself in /readyz and in every real write.
  }
}
