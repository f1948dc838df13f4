import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allow, allowTo, decide, denyTo, deny, OTHER, OWNER, type Row } from './rows.fixture.ts'
import { ca, describe } from './vectors.fixture.ts'

/**
 * Everything that may stand on one side against everything that may stand on the other, as tables. A letter is what is
 * decided. Source: IAM User Guide, "Policy evaluation logic"; CodeArtifact User Guide, "Domain policies".
 */
const letters = {
  A: 'allow by identity',
  R: 'allow by resource',
  D: 'explicit deny by resource',
  I: 'explicit deny by identity',
  n: 'implicit deny by identity',
  r: 'implicit deny by resource',
  b: 'implicit deny by boundary',
  s: 'implicit deny by session',
} as const

const whole = allow('*')
const useless = allow('s3:*')

/** What the principal has: identity policy, and what narrows it. */
const held: Readonly<Record<string, Partial<Row>>> = {
  allowed: { identity: whole },
  nothing: {},
  denied: { identity: [whole, deny(ca('*'))] },
  'allowed, boundary too': { identity: whole, boundary: whole },
  'allowed, boundary not': { identity: whole, boundary: useless },
  'nothing, boundary not': { boundary: useless },
  'allowed, session too': { identity: whole, session: whole },
  'allowed, session not': { identity: whole, session: useless },
  'nothing, session not': { session: useless },
}

/** Whom the domain policy names. */
const named: Readonly<Record<string, (account: string) => Row['domain']>> = {
  nobody: () => undefined,
  user: (account) => allowTo(`arn:aws:iam::${account}:user/alice`, ca('*')),
  role: (account) => allowTo(`arn:aws:iam::${account}:role/ci`, ca('*')),
  session: (account) => allowTo(`arn:aws:sts::${account}:assumed-role/ci/run-1`, ca('*')),
  account: (account) => allowTo(account, ca('*')),
  everybody: () => allowTo('*', ca('*')),
  refused: () => denyTo('*', ca('*')),
}

const tables = [
  {
    who: { kind: 'user', account: OWNER },
    table: `                      nobody  user  role  session  account  everybody  refused
      allowed                A       R     A     A        A        R          D
      nothing                n       R     n     n        n        R          D
      denied                 I       I     I     I        I        I          D
      allowed, boundary too  A       R     A     A        A        R          D
      allowed, boundary not  b       R     b     b        b        R          D
      nothing, boundary not  b       R     b     b        b        R          D`,
  },
  {
    who: { kind: 'role-session', account: OWNER },
    table: `                      nobody  user  role  session  account  everybody  refused
      allowed                A       A     R     R        A        R          D
      nothing                n       n     R     R        n        R          D
      denied                 I       I     I     I        I        I          D
      allowed, boundary too  A       A     R     R        A        R          D
      allowed, boundary not  b       b     b     R        b        R          D
      nothing, boundary not  b       b     b     R        b        R          D
      allowed, session too   A       A     R     R        A        R          D
      allowed, session not   s       s     s     R        s        R          D
      nothing, session not   s       s     s     R        s        R          D`,
  },
  {
    who: { kind: 'user', account: OTHER },
    table: `                      nobody  user  role  session  account  everybody  refused
      allowed                r       A     r     r        A        A          D
      nothing                r       n     r     r        n        n          D
      denied                 I       I     I     I        I        I          D
      allowed, boundary too  r       A     r     r        A        A          D
      allowed, boundary not  b       b     b     b        b        b          D
      nothing, boundary not  b       b     b     b        b        b          D`,
  },
  {
    who: { kind: 'role-session', account: OTHER },
    table: `                      nobody  user  role  session  account  everybody  refused
      allowed                r       r     A     A        A        A          D
      nothing                r       r     n     n        n        n          D
      denied                 I       I     I     I        I        I          D
      allowed, boundary too  r       r     A     A        A        A          D
      allowed, boundary not  b       b     b     b        b        b          D
      allowed, session too   r       r     A     A        A        A          D
      allowed, session not   s       s     s     s        s        s          D
      nothing, session not   s       s     s     s        s        s          D`,
  },
] as const satisfies readonly { readonly who: Partial<Row>; readonly table: string }[]

for (const { who, table } of tables) {
  const [head = '', ...lines] = table.split('\n').map((line) => line.trim().split(/ {2,}/))
  for (const [holding = '', ...cells] of lines) {
    for (const [index, letter = ''] of cells.entries()) {
      const place = head[index] ?? ''
      const expected = letters[letter as keyof typeof letters]
      test(`Vector ${who.kind} of ${who.account}, ${holding}, domain policy for ${place}: ${expected}`, () => {
        const domain = named[place]?.(who.account)
        const row: Row = { ...describe, ...who, ...held[holding], ...(domain === undefined ? {} : { domain }) }
        const { outcome, by } = decide(row)
        assert.equal(`${outcome} by ${by}`, expected)
      })
    }
  }
}
