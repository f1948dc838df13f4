import type { Format } from '../format.ts'
import { renderError } from './errors.ts'
import { readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { rubyNames } from './names.ts'
import { mergeReleases, refreshRelease } from './release.ts'
import { rubyRoutes } from './routes.ts'
import { setup } from './setup.ts'
import { rubyUpstream } from './upstream.ts'

/** The index of gems, as gem and Bundler speak it. */
export const ruby: Format = {
  id: 'ruby',
  publishOperation: 'refused',
  growth: 'growing',
  names: rubyNames,
  advisories: { ecosystem: 'RubyGems' },
  routes: rubyRoutes,
  facts: readFacts,
  inspect,
  mergeDocuments: mergeReleases,
  refreshDocument: refreshRelease,
  upstream: rubyUpstream,
  renderError,
  challenge: (realm) => `Basic realm="${realm}"`,
  // Both send what stands in the address of the source, which a redirect elsewhere has not.
  redirectable: /^(?:Ruby, RubyGems|bundler)\/[2-9]/,
  setup,
}
