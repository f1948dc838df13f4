import type { Client } from '../api/client.ts'

export interface Verdict {
  readonly isAllowed: boolean
  /** For a person, when it is not allowed. */
  readonly reason: string
}

export interface PermissionChecks {
  /** Never rejects: what cannot be found out is left for the server to decide when it is tried. */
  check(action: string, resource: string): Promise<Verdict>
}

interface Question {
  readonly action: string
  readonly resource: string
}

interface Answer extends Question {
  readonly isAllowed: boolean
  readonly reason?: string
}

const allowed: Verdict = { isAllowed: true, reason: '' }

/** How many questions go in one call, whose answer has each action on each resource. Unit: questions. Ours. */
const QUESTIONS_MAX = 30

/** Asks together what a page asks while it is drawn, and each question once. */
export function createPermissionChecks(client: Client): PermissionChecks {
  const known = new Map<string, Promise<Verdict>>()
  let waiting: { question: Question; resolve: (verdict: Verdict) => void }[] = []

  async function askAll(): Promise<void> {
    const asked = waiting
    waiting = []
    for (let at = 0; at < asked.length; at += QUESTIONS_MAX) {
      const some = asked.slice(at, at + QUESTIONS_MAX)
      const verdicts = await ask(
        client,
        some.map(({ question }) => question),
      )
      for (const [index, { resolve }] of some.entries()) resolve(verdicts[index] ?? allowed)
    }
  }

  function enqueue(question: Question): Promise<Verdict> {
    if (waiting.length === 0) queueMicrotask(() => void askAll())
    return new Promise((resolve) => waiting.push({ question, resolve }))
  }

  return {
    check(action, resource) {
      const key = `${action} ${resource}`
      const verdict = known.get(key) ?? enqueue({ action, resource })
      known.set(key, verdict)
      return verdict
    },
  }
}

async function ask(client: Client, questions: readonly Question[]): Promise<Verdict[]> {
  const actions = [...new Set(questions.map(({ action }) => action))]
  const resources = [...new Set(questions.map(({ resource }) => resource))]
  try {
    const found = await client.packyard<{ answers: Answer[] }>('POST /caller/access', { actions, resources })
    return questions.map(({ action, resource }) => {
      const answer = found.answers.find((each) => each.action === action && each.resource === resource)
      return answer?.isAllowed === false ? { isAllowed: false, reason: `${answer.reason ?? 'Not allowed'}` } : allowed
    })
  } catch {
    return questions.map(() => allowed)
  }
}
