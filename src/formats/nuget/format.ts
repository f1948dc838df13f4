import type { Format } from '../format.ts'
import { mergeEntries, refreshEntry } from './entry.ts'
import { renderError } from './errors.ts'
import { readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { nugetNames } from './names.ts'
import { nugetRoutes } from './routes.ts'
import { setup } from './setup.ts'
import { nugetUpstream } from './upstream.ts'

/** NuGet's third protocol, as dotnet, nuget.exe and Visual Studio speak it. */
export const nuget: Format = {
  id: 'nuget',
  publishOperation: 'refused',
  // Symbols may come after their package.
  growth: 'growing',
  names: nugetNames,
  advisories: { ecosystem: 'NuGet' },
  routes: nugetRoutes,
  tokenHeader: 'x-nuget-apikey',
  facts: readFacts,
  inspect,
  mergeDocuments: mergeEntries,
  refreshDocument: refreshEntry,
  upstream: nugetUpstream,
  renderError,
  // Clients show what they have only to who asks in this way.
  challenge: (realm) => `Basic realm="${realm}"`,
  setup,
}
