import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type { ProxySettings } from '../http/upstream/dispatcher.ts'
import type { Credentials } from '../http/upstream/request.ts'
import { createUpstreamSource } from '../http/upstream/upstream-source.ts'
import type { UpstreamWatch } from '../http/upstream/watch.ts'
import { type FormatId, formatIds } from '../registry/names.ts'
import type { KnownConnection } from '../registry/parts.ts'

/** An external connection of the service, and where it points unless configured. */
export interface PublicConnection {
  readonly format: FormatId
  /** The root that the format's reader starts from. */
  url(): string
}

/**
 * Source of names and formats: CodeArtifact User Guide, "Supported external connection repositories". Unverified: that
 * the service itself means the same address for CommonsWare.
 */
export const publicConnections: ReadonlyMap<string, PublicConnection> = new Map([
  ['public:npmjs', { format: 'npm', url: npmRegistryUrl }],
  ['public:pypi', { format: 'pypi', url: () => 'https://pypi.org/' }],
  ['public:nuget-org', { format: 'nuget', url: () => 'https://api.nuget.org/v3/index.json' }],
  ['public:maven-central', { format: 'maven', url: () => 'https://repo.maven.apache.org/maven2/' }],
  ['public:maven-googleandroid', { format: 'maven', url: () => 'https://dl.google.com/android/maven2/' }],
  ['public:maven-gradleplugins', { format: 'maven', url: () => 'https://plugins.gradle.org/m2/' }],
  ['public:maven-commonsware', { format: 'maven', url: () => 'https://repo.commonsware.com/' }],
  ['public:maven-clojars', { format: 'maven', url: () => 'https://repo.clojars.org/' }],
  ['public:ruby-gems-org', { format: 'ruby', url: () => 'https://rubygems.org/' }],
  ['public:crates-io', { format: 'cargo', url: () => 'https://index.crates.io/' }],
])

/** Formats whose upstreams can be read; Swift has no public registry. */
export const readableFormats: readonly FormatId[] = formatIds.filter((id) => {
  return id === 'swift' || [...publicConnections.values()].some(({ format }) => format === id)
})

/** What an operator configured of one connection; absent members keep their default. */
export interface ConnectionSetting {
  /** Only for names that are not in the table above. */
  readonly format?: FormatId
  readonly url?: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly credentials?: Credentials
  /** PEM of authorities trusted besides the system's. */
  readonly ca?: readonly string[]
  /** Unit: seconds. */
  readonly ttlSeconds?: number
  /** `later`: an old index is given once more, and asked for again meanwhile, as the service does with Maven. */
  readonly refresh?: 'now' | 'later'
  /** Hosts that answers may point at though they are inside a private network. */
  readonly allowedHosts?: readonly string[]
}

/** By connection name, as `public:npmjs`. */
export type ConnectionSettings = ReadonlyMap<string, ConnectionSetting>

export interface ConnectionTools {
  readonly proxy: ProxySettings
  readonly userAgent: string
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  readonly lookup?: LookupFunction
  readonly watch?: UpstreamWatch | undefined
}

/** How long an index is believed. Unit: seconds. Ours; the service shows new npm versions within 30 minutes. */
const INDEX_TTL_SECONDS = 300

/** Every connection that may be associated: the service's under the operator's settings, and the operator's own. */
export function createConnections(
  settings: ConnectionSettings,
  tools: ConnectionTools,
): ReadonlyMap<string, KnownConnection> {
  const names = new Set([...publicConnections.keys(), ...settings.keys()])
  return new Map([...names].map((name) => [name, createConnection(name, settings.get(name) ?? {}, tools)]))
}

function createConnection(name: string, setting: ConnectionSetting, tools: ConnectionTools): KnownConnection {
  const known = publicConnections.get(name)
  const format = known?.format ?? setting.format
  const url = setting.url ?? (known && new URL(known.url()))
  assert.ok(format && url, `connection ${name} has a format and an address, or its setting was never parsed`)
  const { ttlSeconds = INDEX_TTL_SECONDS, refresh, ...rest } = setting
  const source = createUpstreamSource({ ...tools, ...rest, name, url, indexTtlMs: ttlSeconds * 1000 })
  return { format, source: { ...source, refresh } }
}

/**
 * npm's own default, from npm's own library: it is written down nowhere else. Only the library's file of defaults is
 * read, which takes a fiftieth of the time that the whole library would.
 */
function npmRegistryUrl(): string {
  const defaults: unknown = createRequire(import.meta.url)('npm-registry-fetch/lib/default-opts.js')
  assert.ok(typeof defaults === 'object' && defaults && 'registry' in defaults && typeof defaults.registry === 'string')
  return defaults.registry
}
