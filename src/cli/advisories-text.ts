import type { Feed } from '../governance/advisories/feeds.ts'
import type { NamedAdvisory } from '../governance/advisories/find-by-id.ts'
import type { FindingFigures } from '../governance/advisories/findings.ts'
import type { AffectedVersion } from '../governance/advisories/match.ts'
import type { RefreshOutcome } from '../governance/advisories/refresh-feed.ts'
import type { LicenceCount } from '../governance/licences/count-licences.ts'
import type { Advisory } from '../registry/advisories.ts'
import type { RangeEvent } from '../registry/affected-versions.ts'
import { renderTable } from './table.ts'

export function renderImport(feed: string, outcome: RefreshOutcome, findings: FindingFigures): string {
  const found = `${findings.versions} versions in use are affected, ${findings.announced} of these findings are new\n`
  if (outcome.kind !== 'imported') return `${feed} has not changed\n${found}`
  const { records, advisories, withdrawnRecords, unreadableRecords } = outcome.counts
  const rest = [`${withdrawnRecords} withdrawn`, `${unreadableRecords} unreadable`]
  return `${feed}: ${records} records, ${advisories} advisories on packages that can be held here (${rest.join(', ')})\n${found}`
}

export function renderFeeds(feeds: readonly Feed[]): string {
  if (feeds.length === 0) return 'no advisories are imported\n'
  const rows = feeds.map(({ id, importedAt, checkedAt, counts, failure }) => [
    id,
    time(importedAt),
    time(checkedAt),
    counts ? String(counts.advisories) : '',
    failure ? `cannot be read since ${time(failure.since)}: ${failure.error}` : 'ok',
  ])
  return renderTable(['FEED', 'IMPORTED', 'CHECKED', 'ADVISORIES', 'STATE'], rows)
}

export function renderAdvisories(advisories: readonly Advisory[]): string {
  if (advisories.length === 0) return 'nothing is known\n'
  const rows = advisories.map((advisory) => [
    advisory.id,
    severityOf(advisory),
    renderAffected(advisory),
    advisory.summary,
  ])
  return renderTable(['ID', 'SEVERITY', 'AFFECTED', 'SUMMARY'], rows)
}

export function renderNamed(found: readonly NamedAdvisory[]): string {
  return found
    .map(({ feed, package: { format, namespace, name }, advisory }) => {
      const shown = namespace === '' ? name : `${namespace}/${name}`
      const lines = [
        `${advisory.id}  ${advisory.summary}`,
        `  package   ${format} ${shown}`,
        `  affected  ${renderAffected(advisory)}`,
        `  severity  ${severityOf(advisory)}${advisory.vector === undefined ? '' : `  ${advisory.vector}`}`,
        `  aliases   ${advisory.aliases.join(', ') || 'none'}`,
        `  more      ${advisory.url}`,
        `  feed      ${feed}`,
      ]
      return `${lines.join('\n')}\n`
    })
    .join('\n')
}

export function renderMatches(found: readonly AffectedVersion[]): string {
  if (found.length === 0) return 'nothing that is kept is known to be affected\n'
  const rows = found.flatMap(({ name, version, repositoryIds, advisories }) =>
    advisories.map((advisory) => [
      `${name.format}/${name.namespace === '' ? '' : `${name.namespace}/`}${name.name}`,
      version,
      String(repositoryIds.length),
      advisory.id,
      severityOf(advisory),
      advisory.summary,
    ]),
  )
  return renderTable(['PACKAGE', 'VERSION', 'REPOSITORIES', 'ADVISORY', 'SEVERITY', 'SUMMARY'], rows)
}

export function renderLicences(counts: readonly LicenceCount[]): string {
  const rows = counts.map(({ format, licence, versions }) => [format, licence, String(versions)])
  return rows.length === 0 ? 'no versions are kept\n' : renderTable(['FORMAT', 'LICENCE', 'VERSIONS'], rows)
}

function severityOf({ severity, score }: Advisory): string {
  const word = severity ?? 'unknown'
  return score === undefined ? word : `${word} ${score.toFixed(1)}`
}

const signs: Readonly<Record<RangeEvent['kind'], string>> = {
  introduced: '>=',
  fixed: '<',
  last_affected: '<=',
  limit: '<',
}

function renderAffected({ affected }: Advisory): string {
  const ranges = affected.ranges.map((events) =>
    events.map(({ kind, version }) => `${signs[kind]}${version}`).join(' '),
  )
  const listed = affected.versions.length > 5 ? [`${affected.versions.length} listed versions`] : affected.versions
  return [...ranges, ...listed].join(', ')
}

function time(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${new Date(ms).toISOString().slice(0, 19)}Z`
}
