import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import type { FeedAddress } from '../config/values.ts'
import type { FeedSource, RefreshOutcome, RefreshParts } from '../governance/advisories/refresh-feed.ts'
import { createUpstreamSource } from '../http/upstream/upstream-source.ts'
import type { JobKind, Json } from '../jobs/job.ts'
import type { RegistryParts } from '../registry/parts.ts'

/** Told of each feed that was read, or could not be. */
export type FeedObserver = (feed: string, outcome: RefreshOutcome['kind']) => void

/** Attempts before a person has to look: with the pauses between them, some hours. Ours. */
const ATTEMPTS_MAX = 6

/** How soon after its start a server asks the feeds. Unit: ms. Ours. */
const FIRST_MS = 60_000

const HOUR_MS = 3_600_000

/** The feeds that the operator configured. Their names hold no secret. */
export function configuredFeeds(config: Config): FeedSource[] {
  return config.advisorySources.map((address) => {
    const at = address.kind === 'path' ? address : { kind: 'web' as const, source: webSource(config, address.url) }
    return { id: feedId(address), at, shrinking: 'refused' as const }
  })
}

function feedId(address: FeedAddress): string {
  if (address.kind === 'path') return resolve(address.path)
  const { origin, pathname } = address.url
  return `${origin}${pathname}`
}

/** Only what the operator wrote is asked; proxies are honoured as for external connections. */
function webSource({ httpProxy, httpsProxy, noProxy }: Config, url: URL) {
  return createUpstreamSource({
    name: feedId({ kind: 'web', url }),
    url,
    indexTtlMs: 0,
    proxy: { http: httpProxy, https: httpsProxy, none: noProxy },
    userAgent: 'packyard',
    clock: Date.now,
    random: Math.random,
  })
}

export function refreshParts(config: Config, registry: RegistryParts): RefreshParts {
  const { metadata, formats, clock, randomId, arns } = registry
  return { metadata, formats, clock, randomId, region: arns.region, folder: config.dataDir }
}

/** Asks every configured feed, then looks for what they say of versions in use. */
export function advisoryKind(config: Config, registry: RegistryParts, onFeed: FeedObserver): JobKind {
  let isFirst = true
  return {
    name: 'advisories',
    attemptsMax: ATTEMPTS_MAX,
    nextAfter(time) {
      const delay = isFirst ? FIRST_MS : config.advisoryHours * HOUR_MS
      isFirst = false
      return time + delay
    },
    async run({ signal }) {
      const [{ refreshFeed }, { announceFindings }] = await Promise.all([
        import('../governance/advisories/refresh-feed.ts'),
        import('../governance/advisories/findings.ts'),
      ])
      const outcomes: Record<string, Json> = {}
      const failures: string[] = []
      for (const feed of configuredFeeds(config)) {
        const outcome = await refreshFeed(refreshParts(config, registry), feed, signal)
        onFeed(feed.id, outcome.kind)
        if (outcome.kind === 'failed') failures.push(`${feed.id}: ${outcome.error}`)
        outcomes[feed.id] = outcome.kind
      }
      const figures = await announceFindings(registry, signal)
      if (failures.length > 0) throw new Error(`a feed of advisories cannot be read: ${failures.join('; ')}`)
      return { feeds: outcomes, findings: { ...figures } }
    },
  }
}
