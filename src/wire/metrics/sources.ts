import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../../config.ts'
import type { MetricsSources } from '../metrics.ts'
import type { OpenedRegistry } from '../registry.ts'
import { readVersion } from '../version.ts'

/** Where the metrics of a process find what is counted elsewhere. */
export function metricsSources(config: Config, { registry, blobCounts }: OpenedRegistry): MetricsSources {
  const { metadata, counts } = registry
  return {
    counts: { ...counts, blob: blobCounts },
    pools: () => metadata.pools(),
    installation: {
      metadata,
      dataDir: config.dataDir,
      version: readVersion(),
      store: config.blobUrl === undefined ? 'folder' : 's3',
      certificateEndsAt: () => endOfCertificate(config.tlsCert),
      clock: () => performance.now(),
    },
  }
}

/** Unit: ms since 1970. Undefined where there is none that can be read. Our own authority's is renewed every week. */
function endOfCertificate(file: string | undefined): number | undefined {
  if (file === undefined) return undefined
  try {
    return new X509Certificate(readFileSync(file)).validToDate.getTime()
  } catch {
    return undefined
  }
}
