import type { Format } from '../format.ts'
import { swiftAdvisories } from './advisory-names.ts'
import { challenge, renderError } from './errors.ts'
import { readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { swiftNames } from './names.ts'
import { addContents } from './release.ts'
import { swiftRoutes } from './routes.ts'
import { setup } from './setup.ts'
import { swiftUpstream } from './upstream.ts'

/** A package registry, as SwiftPM speaks to it since 5.7. */
export const swift: Format = {
  id: 'swift',
  publishOperation: 'refused',
  growth: 'fixed',
  names: swiftNames,
  advisories: swiftAdvisories,
  routes: swiftRoutes,
  facts: readFacts,
  inspect,
  mergeDocuments: addContents,
  upstream: swiftUpstream,
  renderError,
  challenge,
  setup,
}
