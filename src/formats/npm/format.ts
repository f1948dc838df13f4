import type { Format } from '../format.ts'
import { renderError } from './errors.ts'
import { readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { objectOf } from '../json.ts'
import { deprecationOf } from './manifests.ts'
import { npmNames } from './names.ts'
import { npmRoutes } from './routes.ts'
import { setup } from './setup.ts'
import { npmUpstream } from './upstream.ts'

/** The npm registry protocol, as npm, pnpm, Yarn and Bun speak it. */
export const npm: Format = {
  id: 'npm',
  publishOperation: 'refused',
  growth: 'fixed',
  names: npmNames,
  advisories: { ecosystem: 'npm' },
  // Source: npm documentation, "package.json", license: old lists are choices.
  severalLicences: 'any of them',
  routes: npmRoutes,
  facts: readFacts,
  inspect,
  refreshDocument,
  upstream: npmUpstream,
  renderError,
  // npm shows a sentence of its own instead of ours wherever it sees a challenge.
  challenge: () => undefined,
  // npm from 7 on (make-fetch-happen), pnpm and Yarn 1 take the token away when the host's name changes.
  redirectable: /^(?:npm\/(?:[7-9]|\d{2,})\.|pnpm\/|yarn\/1\.)/,
  setup,
}

/** An author may deprecate what was fetched long ago; a deprecation that was made here stays. */
function refreshDocument(stored: unknown, current: unknown): unknown {
  const deprecated = deprecationOf(current)
  if (deprecated === undefined || deprecated === deprecationOf(stored)) return stored
  return { ...objectOf(stored), deprecated }
}
