import type { Format } from '../format.ts'
import { renderError } from './errors.ts'
import { readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { pypiNames } from './names.ts'
import { mergeReleases, refreshRelease } from './release.ts'
import { pypiRoutes } from './routes.ts'
import { setup } from './setup.ts'
import { pypiUpstream } from './upstream.ts'

/** The Python package index, as pip, twine, uv, Poetry and PDM speak it. */
export const pypi: Format = {
  id: 'pypi',
  publishOperation: 'refused',
  growth: 'growing',
  heldIndex: 'shown',
  names: pypiNames,
  advisories: { ecosystem: 'PyPI' },
  routes: pypiRoutes,
  facts: readFacts,
  inspect,
  mergeDocuments: mergeReleases,
  refreshDocument: refreshRelease,
  upstream: pypiUpstream,
  renderError,
  challenge: (realm) => `Basic realm="${realm}"`,
  // pip and Poetry (requests' `should_strip_auth`) and uv (reqwest) take the token away when the host changes.
  redirectable: /^(?:pip\/\d{2,}\.|uv\/|poetry\/)/,
  setup,
}
