import type { Addresses } from './addresses.ts'

/**
 * `index.json`: what there is and where. Every name that a client has ever asked for stands there by itself. Source: NuGet
 * documentation, "Service index", and the client's list of names. No repository signatures: nothing is signed here, and
 * clients then take packages as they are signed. No owners: nothing here has any.
 */
export function renderServiceIndex(at: Addresses): string {
  const resources = [
    ...each(at.flatContainer, 'Packages and their manifests', ['PackageBaseAddress/3.0.0']),
    ...each(at.registrations('SemVer 1'), 'Packages, without those of SemVer 2', [
      'RegistrationsBaseUrl',
      'RegistrationsBaseUrl/3.0.0-beta',
      'RegistrationsBaseUrl/3.0.0-rc',
      'RegistrationsBaseUrl/3.4.0',
    ]),
    ...each(at.registrations('SemVer 2'), 'Packages, of every version', [
      'RegistrationsBaseUrl/3.6.0',
      'RegistrationsBaseUrl/Versioned',
    ]),
    ...each(
      at.query,
      'Search',
      ['', '/3.0.0-beta', '/3.0.0-rc', '/3.5.0'].map((v) => `SearchQueryService${v}`),
    ),
    ...each(
      at.autocomplete,
      'Completion of ids and versions',
      ['', '/3.0.0-beta', '/3.0.0-rc', '/3.5.0'].map((v) => `SearchAutocompleteService${v}`),
    ),
    ...each(at.publish, 'Push, delete and relist', ['PackagePublish/2.0.0']),
    ...each(at.symbols, 'Push of symbols', ['SymbolPackagePublish/4.9.0']),
    ...each(at.vulnerabilities, 'Known vulnerabilities', ['VulnerabilityInfo/6.7.0']),
    ...each(at.readmeTemplate, 'Readme of a version', ['ReadmeUriTemplate/6.13.0']),
    ...each(at.detailsTemplate, 'About a version', ['PackageDetailsUriTemplate/5.1.0']),
    // Without one, clients would send people to the public gallery.
    ...each(at.detailsTemplate, 'About a version, and whom to tell', ['ReportAbuseUriTemplate/3.0.0']),
  ]
  return JSON.stringify({ version: '3.0.0', resources })
}

function each(id: string, comment: string, types: readonly string[]) {
  return types.map((type) => ({ '@id': id, '@type': type, comment }))
}
