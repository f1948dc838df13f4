import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'

/** What the first run makes; the banner and the documentation speak of it. */
export const FIRST_DOMAIN = 'packyard'
export const FIRST_REPOSITORY = 'main'

/** The profile under which the first access key stands in the credentials file. */
export const PROFILE = 'packyard'

/** The AWS shared-credentials file that the first run writes. Absolute. */
export function credentialsFile({ dataDir }: Pick<Config, 'dataDir'>): string {
  return resolve(join(dataDir, 'credentials'))
}

/** Our own certificate authority's certificate, which clients are made to trust. */
export function authorityFile({ dataDir }: Pick<Config, 'dataDir'>): string {
  return resolve(join(dataDir, 'ca.pem'))
}
