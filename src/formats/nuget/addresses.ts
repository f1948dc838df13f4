import type { PackageName } from '../../registry/names.ts'
import { packageFile } from './names.ts'

/** Which versions an index of registrations has: old clients cannot read those of SemVer 2. */
export type Hive = 'SemVer 1' | 'SemVer 2'

/** Source of `registration4`: CodeArtifact User Guide, "Configure and use the nuget or dotnet CLI". */
const hiveFolders: Readonly<Record<Hive, string>> = {
  'SemVer 1': 'registration4-semver1',
  'SemVer 2': 'registration4',
}

/**
 * Absolute, as clients demand, and all below the folder of the service index: clients that send credentials unasked do so
 * only there.
 */
export function addressesBelow(endpoint: string) {
  const base = `${endpoint}v3/`
  const registrations = (hive: Hive) => `${base}${hiveFolders[hive]}/`
  const content = (name: PackageName, version: string) => `${base}flatcontainer/${name.name}/${version}/`
  return {
    index: `${base}index.json`,
    flatContainer: `${base}flatcontainer/`,
    query: `${base}query`,
    autocomplete: `${base}autocomplete`,
    publish: `${base}package`,
    symbols: `${base}symbol`,
    vulnerabilities: `${base}vulnerabilities/index.json`,
    vulnerabilityPage: (page: string) => `${base}vulnerabilities/${page}.json`,
    detailsTemplate: `${base}details/{id}/{version}`,
    readmeTemplate: `${base}flatcontainer/{lower_id}/{lower_version}/readme`,
    registrations,
    registration: (hive: Hive, id: string) => `${registrations(hive)}${id.toLowerCase()}/index.json`,
    page: (hive: Hive, name: PackageName, lower: string, upper: string) =>
      `${registrations(hive)}${name.name}/page/${lower}/${upper}.json`,
    leaf: (hive: Hive, name: PackageName, version: string) => `${registrations(hive)}${name.name}/${version}.json`,
    packageContent: (name: PackageName, version: string) => content(name, version) + packageFile(name, version),
    embedded: (name: PackageName, version: string, file: 'icon' | 'license' | 'readme') =>
      content(name, version) + file,
  }
}

export type Addresses = ReturnType<typeof addressesBelow>
