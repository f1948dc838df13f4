import type { Advisory } from '../../registry/advisories.ts'
import { createAffectedTest } from '../../registry/affected-versions.ts'
import { type JsonObject, objectOf, textOf } from '../json.ts'
import { npmNames } from './names.ts'
import { renderAdvisory, renderPatched } from './own-advisories.ts'

/** One place of a tree where a package stands. */
interface Standing {
  readonly name: string
  readonly version: string
  /** The names from the root down, with `>` between them. */
  readonly path: string
  readonly isDev: boolean
  readonly isOptional: boolean
}

/** Trees deeper than this are cut: no client makes one. Ours. */
const DEPTH_MAX = 100

/** Places that are looked at and told of for one package. Ours. */
const STANDINGS_MAX = 200_000
const PATHS_MAX = 100

/** Every place of a lock file's tree. */
export function standingsIn(tree: JsonObject): readonly Standing[] {
  const found: Standing[] = []
  const walk = (level: JsonObject, above: string, depth: number) => {
    if (depth > DEPTH_MAX) return
    for (const [name, entry] of Object.entries(objectOf(level['dependencies']))) {
      if (found.length >= STANDINGS_MAX) return
      const { version, dev, optional } = objectOf(entry)
      const path = above === '' ? name : `${above}>${name}`
      found.push({ name, version: textOf(version) ?? '', path, isDev: dev === true, isOptional: optional === true })
      walk(objectOf(entry), path, depth + 1)
    }
  }
  walk(tree, '', 0)
  return found
}

/**
 * What npm 6, Yarn 1 and pnpm read of an audit. Every action is to look at it: which versions a tree could have instead is
 * for the client to find out.
 */
export function renderQuickAudit(
  standings: readonly Standing[],
  advisoriesOf: (name: string) => readonly Advisory[],
): JsonObject {
  const advisories: Record<string, object> = {}
  const actions: object[] = []
  const counts = { info: 0, low: 0, moderate: 0, high: 0, critical: 0 }
  for (const [name, places] of Map.groupBy(standings, (standing) => standing.name)) {
    for (const advisory of advisoriesOf(name)) {
      const isAffected = createAffectedTest(npmNames, advisory.affected)
      const hit = places.filter(({ version }) => isAffected(version))
      if (hit.length === 0) continue
      const shown = renderAdvisory(advisory)
      advisories[shown.id] = { ...describe(name, advisory), ...shown, findings: findingsOf(hit) }
      counts[shown.severity as keyof typeof counts] += hit.length
      const resolves = hit.slice(0, PATHS_MAX).map(({ path, isDev, isOptional }) => {
        return { id: shown.id, path, dev: isDev, optional: isOptional, bundled: false }
      })
      actions.push({ action: 'review', module: name, resolves })
    }
  }
  return { actions, advisories, muted: [], metadata: metadataOf(counts, standings) }
}

function describe(name: string, advisory: Advisory): object {
  const { id, aliases, summary, url, publishedAt, modifiedAt } = advisory
  const patched = renderPatched(advisory)
  const names = [id, ...aliases]
  return {
    module_name: name,
    overview: summary,
    recommendation: patched === '' ? 'None' : `Upgrade to ${patched}`,
    patched_versions: patched === '' ? '<0.0.0' : patched,
    cves: names.filter((each) => each.startsWith('CVE-')),
    github_advisory_id: names.find((each) => each.startsWith('GHSA-')) ?? null,
    npm_advisory_id: null,
    access: 'public',
    references: url,
    found_by: null,
    reported_by: null,
    metadata: null,
    created: new Date(publishedAt).toISOString(),
    updated: new Date(modifiedAt).toISOString(),
    deleted: null,
  }
}

function findingsOf(places: readonly Standing[]): object[] {
  return Array.from(
    Map.groupBy(places, ({ version }) => version),
    ([version, same]) => {
      return { version, paths: same.slice(0, PATHS_MAX).map(({ path }) => path) }
    },
  )
}

function metadataOf(vulnerabilities: object, standings: readonly Standing[]): object {
  const devDependencies = standings.filter(({ isDev }) => isDev).length
  const optionalDependencies = standings.filter(({ isOptional }) => isOptional).length
  const dependencies = standings.length - devDependencies - optionalDependencies
  return { vulnerabilities, dependencies, devDependencies, optionalDependencies, totalDependencies: standings.length }
}
