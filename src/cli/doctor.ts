/** One thing that was looked at. */
export interface Finding {
  readonly name: string
  /** `note`: worth knowing, and no reason to worry. */
  readonly verdict: 'ok' | 'note' | 'problem'
  readonly text: string
}

export interface Check {
  readonly name: string
  /** Resolves to a verdict and a sentence; a throw is a problem, with the error's message. */
  look(): Promise<Omit<Finding, 'name'>>
}

/** Looks at one thing after another, so that what is shown is in order. */
export async function examine(checks: readonly Check[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { name, look } of checks) findings.push({ name, ...(await look().catch(problemOf)) })
  return findings
}

function problemOf(error: unknown): Omit<Finding, 'name'> {
  const text = error instanceof Error ? error.message : String(error)
  return { verdict: 'problem', text: text.split('\n', 1)[0] ?? '' }
}

export function hasProblem(findings: readonly Finding[]): boolean {
  return findings.some(({ verdict }) => verdict === 'problem')
}

const marks = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const

export function renderFindings(findings: readonly Finding[], form: 'text' | 'json'): string {
  if (form === 'json') return `${JSON.stringify({ findings }, undefined, 2)}\n`
  const width = Math.max(...findings.map(({ name }) => name.length))
  return findings.map(({ name, verdict, text }) => `${marks[verdict]}  ${name.padEnd(width)}  ${text}\n`).join('')
}
