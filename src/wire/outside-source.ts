import type { Config } from '../config.ts'
import { createUpstreamSource, type UpstreamSourceOptions } from '../http/upstream/upstream-source.ts'

export interface OutsideParts {
  /** What failures call it. */
  readonly name: string
  readonly config: Pick<Config, 'httpProxy' | 'httpsProxy' | 'noProxy'>
  /** Hosts inside that may be asked all the same, between commas. */
  readonly allowedHosts: string
  readonly limits: NonNullable<UpstreamSourceOptions['limits']>
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

/** Asks addresses that users name. None is the operator's own host: all but the allowed ones are guarded. */
export function createOutsideSource({ name, config, allowedHosts, limits, clock }: OutsideParts) {
  return createUpstreamSource({
    name,
    url: new URL('https://outside.invalid/'),
    indexTtlMs: 0,
    allowedHosts: allowedHosts
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    proxy: { http: config.httpProxy, https: config.httpsProxy, none: config.noProxy },
    userAgent: 'packyard',
    limits,
    clock,
    random: Math.random,
  })
}
