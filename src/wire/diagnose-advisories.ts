import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Finding } from '../cli/doctor.ts'
import type { Config } from '../config.ts'
import { type Feed, listFeeds } from '../governance/advisories/feeds.ts'
import { configuredFeeds } from './advisory-feeds.ts'
import { openMetadata } from './registry.ts'

/** Feeds that were not even asked for so many times as long as they should be are forgotten. Ours. */
const LATE_TIMES = 4

const HOUR_MS = 3_600_000

/** What is known of vulnerabilities, and how old it is. A database that is not there yet is left alone. */
export async function lookAtAdvisories(config: Config): Promise<Omit<Finding, 'name'>> {
  if (config.databaseUrl === undefined && !(await isThere(join(config.dataDir, 'packyard.db')))) {
    return { verdict: 'note', text: 'none yet; the first start makes the database' }
  }
  await using metadata = await openMetadata(config)
  return judge(config, await listFeeds(metadata), Date.now())
}

function judge(config: Config, feeds: readonly Feed[], now: number): Omit<Finding, 'name'> {
  const broken = feeds.find(({ failure }) => failure)
  if (broken?.failure) {
    const last = broken.importedAt === undefined ? 'nothing of it' : `what was read ${shown(broken.importedAt)}`
    const why = `${broken.id} cannot be read since ${shown(broken.failure.since)}, and ${last} counts`
    return { verdict: 'problem', text: `${why}: ${broken.failure.error}` }
  }
  const asked = new Set(configuredFeeds(config).map(({ id }) => id))
  const late = feeds.find(({ id, checkedAt = 0 }) => {
    return asked.has(id) && checkedAt < now - LATE_TIMES * config.advisoryHours * HOUR_MS
  })
  if (late) return { verdict: 'problem', text: `${late.id} was last looked at ${shown(late.checkedAt ?? 0)}` }
  if (feeds.length === 0)
    return { verdict: 'note', text: 'none are imported: audits are answered by external connections' }
  const count = feeds.reduce((sum, { counts }) => sum + (counts?.advisories ?? 0), 0)
  return { verdict: 'ok', text: `${count} from ${feeds.length} ${feeds.length === 1 ? 'feed' : 'feeds'}` }
}

function shown(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
