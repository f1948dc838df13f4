import { renderBytes } from './keeping-text.ts'
import { renderTable } from './table.ts'

/** What these functions show, as far as they show it. Times are ISO text. */
interface ShownHold {
  readonly id: string
  readonly pattern: string
  readonly version: string
  readonly repository?: string | undefined
  readonly against: string
  readonly endsAt?: string | undefined
  readonly createdBy: string
  readonly reason: string
}

export function renderHolds(holds: readonly ShownHold[]): string {
  if (holds.length === 0) return 'nothing is on hold\n'
  const rows = holds.map(({ id, pattern, version, repository, against, endsAt, createdBy, reason }) => {
    return [id, pattern, version, repository ?? 'all', against, endsAt ?? '', createdBy, reason]
  })
  return renderTable(['ID', 'PATTERN', 'VERSION', 'REPOSITORY', 'AGAINST', 'UNTIL', 'BY', 'REASON'], rows)
}

interface ShownRun {
  readonly rule: string
  readonly purpose: string
  readonly state: string
  readonly createdAt: string
  readonly error?: string | undefined
  readonly figures: {
    readonly lookedAtVersions: number
    readonly heldVersions: number
    readonly chosenVersions: number
    readonly chosenBytes: number
    readonly freeableBytes: number
    readonly removedVersions: number
    readonly freedBytes: number
  }
  readonly above: readonly {
    readonly repository: string
    readonly chosenVersions: number
    readonly ofVersions: number
  }[]
}

interface ShownVersion {
  readonly repository: string
  readonly format: string
  readonly namespace?: string | undefined
  readonly package: string
  readonly version: string
  readonly action: string
  readonly sizeBytes: number
  readonly lastUsedAt: string
}

export function renderRun(run: ShownRun, versions: readonly ShownVersion[]): string {
  const rows = versions.map((each) => [
    each.repository,
    each.format,
    each.namespace ? `${each.namespace}/${each.package}` : each.package,
    each.version,
    each.action,
    renderBytes(each.sizeBytes),
    each.lastUsedAt,
  ])
  const header = ['REPOSITORY', 'FORMAT', 'PACKAGE', 'VERSION', 'ACTION', 'SIZE', 'LAST USED']
  const left = run.figures.chosenVersions - versions.length
  return [
    ...(rows.length === 0 ? [] : [renderTable(header, rows)]),
    ...(left > 0 ? [`and ${left} more\n`] : []),
    renderFigures(run),
  ].join('')
}

function renderFigures({ rule, state, figures, above, error }: ShownRun): string {
  const { lookedAtVersions, chosenVersions, heldVersions, chosenBytes, freeableBytes } = figures
  const head = [
    `${lookedAtVersions} versions looked at, ${chosenVersions} to go, ${heldVersions} more on hold`,
    `${renderBytes(chosenBytes)} of assets, which frees ${renderBytes(freeableBytes)} (${freeableBytes} bytes)`,
  ]
  const shares = above.map((share) => {
    return `repository ${share.repository} would lose ${share.chosenVersions} of ${share.ofVersions} versions`
  })
  switch (state) {
    case 'unconfirmed':
      return lines([
        ...head,
        ...shares,
        `nothing is removed before: packyard retention confirm ${rule} --versions ${chosenVersions}`,
      ])
    case 'failed':
      return lines([...head, `failed: ${error ?? 'no reason is known'}`])
    case 'done':
      return lines([...head, ...shares, ...renderRemoved(figures)])
    default:
      return lines([...head, `${state}`])
  }
}

function renderRemoved({ removedVersions, freedBytes }: ShownRun['figures']): string[] {
  if (removedVersions === 0) return []
  return [`${removedVersions} versions removed; the next collection (packyard gc) gives back ${freedBytes} bytes`]
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`
}

export function renderRuns(runs: readonly ShownRun[]): string {
  if (runs.length === 0) return 'no runs yet\n'
  const rows = runs.map(({ createdAt, purpose, state, figures, error }) => [
    createdAt,
    purpose,
    state,
    String(figures.lookedAtVersions),
    String(figures.chosenVersions),
    String(figures.removedVersions),
    renderBytes(state === 'done' && purpose === 'enforce' ? figures.freedBytes : figures.freeableBytes),
    error ?? '',
  ])
  return renderTable(['BEGUN', 'PURPOSE', 'STATE', 'LOOKED AT', 'TO GO', 'REMOVED', 'FREES', 'ERROR'], rows)
}
