import { availableParallelism } from 'node:os'
import { advisorySettings } from './config/advisory-settings.ts'
import { consoleSettings } from './config/console-settings.ts'
import { optional, type Setting, SettingError, setting } from './config/setting.ts'
import { suggest } from './config/suggest.ts'
import { tracingSettings } from './config/tracing-settings.ts'
import {
  awsEndpoints,
  bytes,
  choice,
  connections,
  httpUrl,
  integer,
  postgresUrl,
  proxyUrl,
  s3Url,
  showValue,
  text,
} from './config/values.ts'

const KIB = 1024
const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** Every setting. The key is its name in `packyard.yaml`. */
export const settings = {
  host: setting(text(/^[a-zA-Z0-9.:_-]{1,253}$/, 'must be an address or a host name of this machine'), {
    about: 'Address to listen on; `0.0.0.0` or `::` for every one of this machine.',
    env: 'PACKYARD_HOST',
    flag: '--host',
    default: '127.0.0.1',
  }),
  port: setting(integer(0, 65_535), {
    about: 'Port to listen on; 0 for any free one.',
    env: 'PACKYARD_PORT',
    flag: '--port',
    default: 8686,
  }),
  tls: setting(choice('off', 'auto'), {
    about: 'HTTPS on the port: `auto` with a certificate of an authority of its own; see `packyard trust`.',
    env: 'PACKYARD_TLS',
    flag: '--tls',
    default: 'off',
  }),
  tlsCert: optional(text(/^[^\0]+$/, 'must be the path of a file'), {
    about: 'PEM file of a certificate with its chain, for HTTPS on the port; read again when it changes.',
    env: 'PACKYARD_TLS_CERT',
    flag: '--tls-cert',
    defaultText: 'none',
  }),
  tlsKey: optional(text(/^[^\0]+$/, 'must be the path of a file'), {
    about: "PEM file of the certificate's private key; read again when it changes.",
    env: 'PACKYARD_TLS_KEY',
    flag: '--tls-key',
    defaultText: 'none',
  }),
  httpPort: optional(integer(1, 65_535), {
    about: 'Port for plain HTTP beside HTTPS.',
    env: 'PACKYARD_HTTP_PORT',
    flag: '--http-port',
    defaultText: 'none',
  }),
  publicUrl: optional(httpUrl(), {
    about: 'The address by which clients reach this server, when it stands behind a proxy.',
    env: 'PACKYARD_PUBLIC_URL',
    flag: '--public-url',
    defaultText: 'the host by which each client calls',
  }),
  domainSuffix: optional(text(/^[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?$/, 'must be a host name in lower case'), {
    about: 'Hands out package endpoints as `{domain}-{owner}.{suffix}`; needs a wildcard name in DNS.',
    env: 'PACKYARD_DOMAIN_SUFFIX',
    flag: '--domain-suffix',
    defaultText: 'endpoints by path',
  }),
  dataDir: setting(text(/^[^\0]+$/, 'must be the path of a folder'), {
    about: 'Folder of the database, the blobs, the keys and the first credentials.',
    env: 'PACKYARD_DATA_DIR',
    flag: '--data-dir',
    default: 'packyard-data',
    defaultText: '`./packyard-data`',
  }),
  databaseUrl: optional(postgresUrl(), {
    about: 'A PostgreSQL database, as `postgres://user:password@host:5432/packyard`.',
    env: 'PACKYARD_DATABASE_URL',
    defaultText: 'SQLite in the data folder',
    display: 'secret',
  }),
  blobUrl: optional(s3Url(), {
    about: 'A bucket for blobs, as `s3://bucket/prefix?endpoint=https://…&region=…`; see docs/storage.md.',
    env: 'PACKYARD_BLOB_URL',
    defaultText: '`blobs` in the data folder',
    display: 'secret',
  }),
  encryption: setting(choice('auto', 'on', 'off'), {
    about:
      "Whether new blobs are encrypted, each under a key of its own that its domain's key wraps; `auto`: unless the " +
      'object store is told to.',
    env: 'PACKYARD_ENCRYPTION',
    flag: '--encryption',
    default: 'auto',
  }),
  kmsKey: optional(text(/^[A-Za-z0-9:/_-]{1,2048}$/, 'must be the id, the ARN or the alias of a key'), {
    about: "Key of an AWS KMS, or of what speaks like it, that wraps the domains' keys.",
    env: 'PACKYARD_KMS_KEY',
    flag: '--kms-key',
    defaultText: 'keys in the data folder',
  }),
  kmsEndpoint: optional(httpUrl(), {
    about: 'Address of that key service.',
    env: 'PACKYARD_KMS_ENDPOINT',
    flag: '--kms-endpoint',
    defaultText: "AWS's own",
  }),
  region: setting(text(/^[a-z][a-z0-9-]{1,48}[a-z0-9]$/, 'must be the name of a region, as us-east-1'), {
    about: 'Region that AWS clients sign for, and that stands in every ARN.',
    env: 'PACKYARD_REGION',
    flag: '--region',
    default: 'us-east-1',
  }),
  accountId: setting(text(/^[0-9]{12}$/, 'must be an account id of 12 digits'), {
    about: 'Account that the first run makes; no effect once there is one.',
    env: 'PACKYARD_ACCOUNT_ID',
    flag: '--account-id',
    default: '000000000000',
  }),
  externalConnections: setting(connections(), {
    about: 'Where external connections point, by name, instead of their default addresses; JSON in the environment.',
    env: 'PACKYARD_EXTERNAL_CONNECTIONS',
    default: new Map(),
    defaultText: 'the public registries',
    display: 'secret',
  }),
  indexTtlSeconds: setting(integer(0, 31_536_000), {
    about: 'How long an index from outside is believed without asking again, in seconds.',
    env: 'PACKYARD_INDEX_TTL_SECONDS',
    flag: '--index-ttl-seconds',
    default: 300,
  }),
  missingTtlSeconds: setting(integer(0, 86_400), {
    about: 'How long a package that an external connection does not know is remembered as missing, in seconds.',
    env: 'PACKYARD_MISSING_TTL_SECONDS',
    flag: '--missing-ttl-seconds',
    default: 60,
  }),
  httpProxy: optional(proxyUrl(), {
    about: 'Proxy for external connections with http addresses.',
    env: 'HTTP_PROXY',
    defaultText: 'none',
    display: 'secret',
  }),
  httpsProxy: optional(proxyUrl(), {
    about: 'Proxy for external connections with https addresses.',
    env: 'HTTPS_PROXY',
    defaultText: 'none',
    display: 'secret',
  }),
  noProxy: optional(text(/^[^\0]*$/, 'must be a list of hosts with commas between them'), {
    about: 'Hosts that are reached without a proxy, with commas between them.',
    env: 'NO_PROXY',
    defaultText: 'none',
  }),
  oidcHosts: setting(text(/^[^\0]*$/, 'must be a list of hosts with commas between them'), {
    about: 'Identity providers that may stand at private addresses: hosts, `host:port` or ranges, with commas between.',
    env: 'PACKYARD_OIDC_HOSTS',
    flag: '--oidc-hosts',
    default: '',
    defaultText: 'none: only public addresses are asked',
  }),
  ...consoleSettings,
  auditRetentionDays: setting(integer(0, 36_500), {
    about: 'How long audit records are kept, in days; 0 for ever.',
    env: 'PACKYARD_AUDIT_RETENTION_DAYS',
    flag: '--audit-retention-days',
    default: 365,
  }),
  webhookHosts: setting(text(/^[^\0]*$/, 'must be a list of hosts with commas between them'), {
    about: 'Webhooks that may stand at private addresses: hosts, `host:port` or ranges, with commas between.',
    env: 'PACKYARD_WEBHOOK_HOSTS',
    flag: '--webhook-hosts',
    default: '',
    defaultText: 'none: only public addresses are sent to',
  }),
  eventTargets: setting(awsEndpoints(), {
    about:
      'Queues, topics and event buses that rules may name as targets, by ARN with `*`, and how each is reached; ' +
      'JSON in the environment. See [events](events.md).',
    env: 'PACKYARD_EVENT_TARGETS',
    default: new Map(),
    defaultText: 'none',
    display: 'secret',
  }),
  organizationId: optional(text(/^o-[a-z0-9]{10,32}$/, 'must be `o-` and 10 to 32 small letters or digits'), {
    about: 'What `aws:PrincipalOrgID` and `aws:ResourceOrgID` are in policies, for every account of this installation.',
    env: 'PACKYARD_ORGANIZATION_ID',
    flag: '--organization-id',
    defaultText: 'none: the keys are absent',
  }),
  logLevel: setting(choice('debug', 'info', 'warn', 'error', 'silent'), {
    about: 'Least important lines that are logged; each request is one at `info`.',
    env: 'PACKYARD_LOG_LEVEL',
    flag: '--log-level',
    default: 'info',
  }),
  processes: setting(integer(1, 256), {
    about: 'Processes that share the port.',
    env: 'PACKYARD_PROCESSES',
    flag: '--processes',
    default: Math.min(availableParallelism(), 256),
    defaultText: 'one per core',
  }),
  connectionsMax: setting(integer(1, 1_000_000), {
    about: 'Connections that each process accepts at once.',
    env: 'PACKYARD_CONNECTIONS_MAX',
    flag: '--connections-max',
    default: 10_000,
  }),
  drainSeconds: setting(integer(0, 86_400), {
    about: 'How long a stopping server waits for running requests, in seconds.',
    env: 'PACKYARD_DRAIN_SECONDS',
    flag: '--drain-seconds',
    default: 30,
  }),
  indexCacheBytes: setting(bytes(0, 64 * GIB), {
    about: 'Memory of each process for indexes that are ready to send.',
    env: 'PACKYARD_INDEX_CACHE_BYTES',
    flag: '--index-cache-bytes',
    default: 64 * MIB,
    defaultText: '64MiB',
  }),
  upstreamCacheBytes: setting(bytes(0, 64 * GIB), {
    about: 'Memory of each process for indexes from outside, as they came.',
    env: 'PACKYARD_UPSTREAM_CACHE_BYTES',
    flag: '--upstream-cache-bytes',
    default: 16 * MIB,
    defaultText: '16MiB',
  }),
  blobCacheBytes: setting(bytes(MIB, 64 * GIB), {
    about: 'Memory of each process for small assets.',
    env: 'PACKYARD_BLOB_CACHE_BYTES',
    flag: '--blob-cache-bytes',
    default: 32 * MIB,
    defaultText: '32MiB',
  }),
  assetBytesMax: setting(bytes(KIB, 1024 * GIB), {
    about: 'Largest asset.',
    env: 'PACKYARD_ASSET_BYTES_MAX',
    flag: '--asset-bytes-max',
    default: 5 * GIB,
    defaultText: '5GiB',
  }),
  assetsPerVersionMax: setting(integer(1, 100_000), {
    about: 'Assets of one package version.',
    env: 'PACKYARD_ASSETS_PER_VERSION_MAX',
    flag: '--assets-per-version-max',
    default: 350,
  }),
  apiRequestsPerSecond: setting(integer(0, 1_000_000), {
    about:
      'Calls of the AWS APIs with one access key, per second, in equal parts for all processes together; twice as many ' +
      'after a rest. 0: any number.',
    env: 'PACKYARD_API_REQUESTS_PER_SECOND',
    flag: '--api-requests-per-second',
    default: 1000,
  }),
  tokenRequestsPerSecond: setting(integer(0, 1_000_000), {
    about: 'Requests to package endpoints with one token, likewise. 0: any number.',
    env: 'PACKYARD_TOKEN_REQUESTS_PER_SECOND',
    flag: '--token-requests-per-second',
    default: 20_000,
  }),
  directUpstreamsMax: setting(integer(1, 1000), {
    about: 'Direct upstream repositories of one repository.',
    env: 'PACKYARD_DIRECT_UPSTREAMS_MAX',
    flag: '--direct-upstreams-max',
    default: 10,
  }),
  searchedUpstreamsMax: setting(integer(1, 1000), {
    about: 'Upstream repositories that one request is looked for in, however they hang together; then it ends.',
    env: 'PACKYARD_SEARCHED_UPSTREAMS_MAX',
    flag: '--searched-upstreams-max',
    default: 25,
  }),
  tagsPerResourceMax: setting(integer(1, 1000), {
    about: 'Tags of one domain, repository, package group or key.',
    env: 'PACKYARD_TAGS_PER_RESOURCE_MAX',
    flag: '--tags-per-resource-max',
    default: 50,
  }),
  domainsPerAccountMax: setting(integer(1, 100_000), {
    about: 'Domains of one account.',
    env: 'PACKYARD_DOMAINS_PER_ACCOUNT_MAX',
    flag: '--domains-per-account-max',
    default: 100,
  }),
  repositoriesPerDomainMax: setting(integer(1, 1_000_000), {
    about: 'Repositories of one domain.',
    env: 'PACKYARD_REPOSITORIES_PER_DOMAIN_MAX',
    flag: '--repositories-per-domain-max',
    default: 1000,
  }),
  finishQuietSeconds: setting(integer(0, 86_400), {
    about:
      'How long after its last file a Maven version with a POM is published for tools that never say that they are ' +
      'done, in seconds; 0 leaves it Unfinished.',
    env: 'PACKYARD_FINISH_QUIET_SECONDS',
    flag: '--finish-quiet-seconds',
    default: 60,
  }),
  gcGraceSeconds: setting(integer(0, 31_536_000), {
    about: 'How long bytes stay after they were first found to be referred to by nothing, in seconds.',
    env: 'PACKYARD_GC_GRACE_SECONDS',
    flag: '--gc-grace-seconds',
    default: 86_400,
  }),
  ...advisorySettings,
  packageGroupsPerDomainMax: setting(integer(1, 100_000), {
    about: 'Package groups of one domain.',
    env: 'PACKYARD_PACKAGE_GROUPS_PER_DOMAIN_MAX',
    flag: '--package-groups-per-domain-max',
    default: 1000,
  }),
  ...tracingSettings,
} as const
type Settings = typeof settings
export type SettingName = keyof Settings
export type Config = {
  readonly [N in SettingName]: Settings[N] extends Setting<infer T> ? T : never
}

/** What each source gave; nothing has been looked at yet. */
export interface ConfigSources {
  /** By setting's name. */
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file: ConfigFile | undefined
}

export interface ConfigFile {
  /** As a person knows it: `packyard.yaml`. */
  readonly name: string
  readonly content: unknown
}

/** The names of settings, in the order of the table. */
export const settingNames = Object.keys(settings) as readonly SettingName[]

/** Where another file of settings is named, in the environment; `--config` on the command line. */
export const CONFIG_VARIABLE = 'PACKYARD_CONFIG'

/** Flags win over the environment, that over the file, that over defaults. Throws `SettingError`, one line. */
export function parseConfig({ flags, env, file }: ConfigSources): Config {
  const given = readFile(file)
  refuseUnknownVariables(env)
  const values = settingNames.map((name) => {
    const row: Setting<unknown> = settings[name]
    const fromEnv = env[row.env] ?? (row.env.startsWith('PACKYARD_') ? undefined : env[row.env.toLowerCase()])
    if (flags[name] !== undefined) return [name, parseValue(row, `${row.flag}`, flags[name])]
    if (fromEnv !== undefined && fromEnv !== '') return [name, parseValue(row, row.env, fromEnv)]
    if (given[name] !== undefined) return [name, parseValue(row, `${file?.name}: ${name}`, given[name])]
    return [name, row.default]
  })
  return Object.freeze(Object.fromEntries(values) as Config)
}

/** One value from somewhere else than the sources. Throws `SettingError`, one line. */
export function parseSetting<N extends SettingName>(name: N, value: string, source: string): Config[N] {
  return parseValue(settings[name], source, value) as Config[N]
}

function parseValue(row: Setting<unknown>, source: string, value: unknown): unknown {
  try {
    const parsed = row.parse(value)
    if (parsed !== undefined) return parsed
  } catch (cause) {
    if (cause instanceof SettingError) throw new SettingError(`${source}: ${cause.message}`, cause)
    throw cause
  }
  const shown = row.display === 'secret' ? '***' : showValue(value)
  throw new SettingError(`${source} '${shown.slice(0, 100)}' ${row.allowed}`)
}

function readFile(file: ConfigFile | undefined): Readonly<Record<string, unknown>> {
  const content = file?.content ?? {}
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new SettingError(`${file?.name} must be a mapping of settings to values, as 'port: 8686'`)
  }
  const unknown = Object.keys(content).find((key) => !Object.hasOwn(settings, key))
  if (unknown === undefined) return content as Record<string, unknown>
  throw new SettingError(`${file?.name}: '${unknown}' is no setting; ${suggest(unknown, settingNames)}`)
}

/** Variables of the tests are none of ours. */
function refuseUnknownVariables(env: ConfigSources['env']): void {
  const known = [...settingNames.map((name) => settings[name].env as string), CONFIG_VARIABLE]
  for (const name of Object.keys(env)) {
    if (!name.startsWith('PACKYARD_') || name.startsWith('PACKYARD_TEST_') || known.includes(name)) continue
    throw new SettingError(`environment variable ${name} is no setting; ${suggest(name, known)}`)
  }
}
