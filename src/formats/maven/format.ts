import type { Format } from '../format.ts'
import { PLUGINS_NOTE } from './documents.ts'
import { renderError } from './errors.ts'
import { mergeDocuments, readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { isSnapshot, snapshotOf } from './layout.ts'
import { mavenNames } from './names.ts'
import { mavenRoutes } from './routes.ts'
import { setup } from './setup.ts'
import { mavenUpstream } from './upstream.ts'

/** Maven repositories, as Maven, Gradle, sbt, Leiningen and the Clojure tools speak to them. */
export const maven: Format = {
  id: 'maven',
  publishOperation: 'refused',
  growth: 'growing',
  isMutable: isSnapshot,
  snapshotOf,
  indexedNotes: [PLUGINS_NOTE],
  names: mavenNames,
  advisories: { ecosystem: 'Maven' },
  // Source: Maven, POM reference, "Licenses": the user may choose among them.
  severalLicences: 'any of them',
  routes: mavenRoutes,
  facts: readFacts,
  inspect,
  mergeDocuments,
  upstream: mavenUpstream,
  renderError,
  // Maven sends credentials only after it has been asked for them; sbt finds them by this realm.
  challenge: (realm) => `Basic realm="${realm}"`,
  setup,
}
