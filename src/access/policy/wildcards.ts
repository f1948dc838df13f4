import type { Template } from './template.ts'

/** What stands between two `*`: text in which a gap stands for any one character. */
type Run = readonly (string | undefined)[]

/**
 * Whether a resolved template covers the whole subject; `*` spans any characters, `?` exactly one. What stands between
 * two `*` is taken where it is first found, and never looked for again, so that the time is at most the product of the
 * two lengths, and proportional to the subject where no `?` stands.
 */
export function matches(template: Template, subject: string): boolean {
  const runs = toRuns(template)
  const [first = [], ...others] = runs
  if (!standsAt(first, subject, 0)) return false
  let at = lengthOf(first)
  const last = others.pop()
  if (last === undefined) return at === subject.length
  for (const run of others) {
    const found = findRun(run, subject, at)
    if (found < 0) return false
    at = found + lengthOf(run)
  }
  const lastAt = subject.length - lengthOf(last)
  return lastAt >= at && standsAt(last, subject, lastAt)
}

function toRuns(template: Template): Run[] {
  const runs: (string | undefined)[][] = [[]]
  for (const piece of template) {
    if (piece.kind === 'many') runs.push([])
    else if (piece.kind === 'one') runs.at(-1)?.push(undefined)
    else if (piece.kind === 'text') runs.at(-1)?.push(piece.text)
  }
  return runs
}

function lengthOf(run: Run): number {
  return run.reduce((sum, part) => sum + (part?.length ?? 1), 0)
}

function standsAt(run: Run, subject: string, start: number): boolean {
  let at = start
  for (const part of run) {
    if (part !== undefined && !subject.startsWith(part, at)) return false
    at += part?.length ?? 1
  }
  return at <= subject.length
}

function findRun(run: Run, subject: string, start: number): number {
  const [text, ...others] = run
  if (run.length === 0) return start
  const lastStart = subject.length - lengthOf(run)
  if (text !== undefined && others.length === 0) return subject.indexOf(text, start)
  for (let at = start; at <= lastStart; at++) if (standsAt(run, subject, at)) return at
  return -1
}
