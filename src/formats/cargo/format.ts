import type { Format } from '../format.ts'
import { addManifest, refreshYanked } from './entry.ts'
import { challenge, renderError } from './errors.ts'
import { readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { cargoNames } from './names.ts'
import { cargoRoutes } from './routes.ts'
import { setup } from './setup.ts'
import { cargoUpstream } from './upstream.ts'

/** A sparse registry, as Cargo speaks it since 1.74. */
export const cargo: Format = {
  id: 'cargo',
  publishOperation: 'refused',
  growth: 'fixed',
  names: cargoNames,
  advisories: { ecosystem: 'crates.io' },
  routes: cargoRoutes,
  facts: readFacts,
  inspect,
  mergeDocuments: addManifest,
  refreshDocument: refreshYanked,
  upstream: cargoUpstream,
  renderError,
  challenge,
  // Through libcurl, which sends `Authorization` to no other host since 7.58.
  redirectable: /^cargo[ /]1\.(?:7[4-9]|[89]\d)\./,
  setup,
}
