import { isAbsolute } from 'node:path'
import { parseConnectionSettings } from '../formats/connection-settings.ts'
import type { ConnectionSettings } from '../formats/connections.ts'
import { type AwsEndpoint, type AwsEndpoints, parseAwsArn } from '../jobs/events/send-aws.ts'
import { RegistryError } from '../registry/errors.ts'
import { parseS3Url, type S3Settings } from '../storage/blobs/s3/s3-url.ts'
import { SettingError, type ValueKind } from './setting.ts'

/** Text of the command line, the environment or YAML, where a number or a word without quotes means the same. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A value as a person would write it; '' when there is none. */
export function showValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

export function text(pattern: RegExp, allowed: string): ValueKind<string> {
  return {
    allowed,
    parse(value) {
      const given = asText(value)
      return given !== undefined && pattern.test(given) ? given : undefined
    },
  }
}

export function integer(min: number, max: number): ValueKind<number> {
  return {
    allowed: `must be a whole number from ${min} to ${max}`,
    parse: (value) => parseInteger(asText(value), min, max),
  }
}

function parseInteger(given: string | undefined, min: number, max: number): number | undefined {
  if (given === undefined || !/^[0-9]{1,15}$/.test(given)) return undefined
  const number = Number(given)
  return number >= min && number <= max ? number : undefined
}

const units: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** Unit: bytes. */
export function bytes(min: number, max: number): ValueKind<number> {
  return {
    allowed: `must be a number of bytes from ${min} to ${max}, or one with KiB, MiB or GiB, as 64MiB`,
    parse(value) {
      const [, count, unit = ''] = /^([0-9]{1,15}) ?(KiB|MiB|GiB)?$/.exec(asText(value) ?? '') ?? []
      const factor = units[unit]
      return factor === undefined || count === undefined ? undefined : inRange(Number(count) * factor, min, max)
    },
  }
}

function inRange(number: number, min: number, max: number): number | undefined {
  return number >= min && number <= max ? number : undefined
}

export function choice<const T extends string>(...choices: readonly T[]): ValueKind<T> {
  return {
    allowed: `must be one of ${choices.join(', ')}`,
    parse: (value) => choices.find((one) => one === value),
  }
}

/** An address without query, fragment or credentials; kept as text without a final slash. */
export function httpUrl(): ValueKind<string> {
  return {
    allowed: 'must be an http or https address without user, query and fragment, as https://packages.example.com',
    parse(value) {
      const url = URL.parse(asText(value) ?? '')
      if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
      const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
      return isPlain ? url.href.replace(/\/+$/, '') : undefined
    },
  }
}

/** `postgres://user:password@host:port/database` */
export function postgresUrl(): ValueKind<string> {
  return {
    allowed: 'must be a postgres:// or postgresql:// address with a host and a database',
    parse(value) {
      const given = asText(value) ?? ''
      const url = URL.parse(given)
      if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return undefined
      return url.hostname !== '' && url.pathname.length > 1 ? given : undefined
    },
  }
}

/** `s3://bucket/prefix?endpoint=…&region=…` */
export function s3Url(): ValueKind<S3Settings> {
  return {
    allowed:
      'must be s3://bucket/prefix, with an access key and its secret before the bucket where they are not found ' +
      'elsewhere, and endpoint, region, sse (AES256, aws:kms), sseKmsKeyId and, with sse, redirect (on, or an address) as its only parameters',
    parse: (value) => parseS3Url(asText(value) ?? ''),
  }
}

export function proxyUrl(): ValueKind<string> {
  return {
    allowed: 'must be the http or https address of a proxy',
    parse(value) {
      const given = asText(value) ?? ''
      // Many write a proxy as host:port, and other programs take that.
      const url = URL.parse(given.includes('://') ? given : `http://${given}`)
      return url && /^https?:$/.test(url.protocol) ? url.href : undefined
    },
  }
}

/** External connections by name, as JSON text or as YAML read them. */
export function connections(): ValueKind<ConnectionSettings> {
  return {
    allowed: 'must be an object of connections by name, as {"public:npmjs": {"url": "http://127.0.0.1:4873/"}}',
    parse(value) {
      try {
        return parseConnectionSettings(value)
      } catch (cause) {
        if (cause instanceof RegistryError) throw new SettingError(cause.message, cause)
        throw cause
      }
    },
  }
}

/** An address, or a path of this machine. */
export type FeedAddress = { readonly kind: 'web'; readonly url: URL } | { readonly kind: 'path'; readonly path: string }

/** Text with commas, or a list as YAML reads it. */
export function feedAddresses(): ValueKind<readonly FeedAddress[]> {
  return {
    allowed: 'must be http or https addresses or absolute paths, with commas between them',
    parse(value) {
      const given = typeof value === 'string' ? value.split(',') : value
      if (!Array.isArray(given)) return undefined
      const texts = given.map((each: unknown) => (typeof each === 'string' ? each.trim() : ''))
      const found = texts.filter((each, at) => each !== '' || typeof given[at] !== 'string').map(parseFeedAddress)
      return found.every((each) => each !== undefined) ? found : undefined
    },
  }
}

function parseFeedAddress(text: string): FeedAddress | undefined {
  if (isAbsolute(text)) return { kind: 'path', path: text }
  const url = URL.parse(text)
  return url && /^https?:$/.test(url.protocol) ? { kind: 'web', url } : undefined
}

const endpointMembers = ['url', 'region', 'accessKeyId', 'secretAccessKey', 'sessionToken', 'source']

/** How queues, topics and buses are reached, by pattern of ARNs, as JSON text or as YAML read them. */
/** Source: OpenTelemetry Protocol Exporter, "Specifying headers via environment variables": values are percent-encoded. */
export function pairs(): ValueKind<ReadonlyMap<string, string>> {
  return {
    allowed: 'must be names and values, as name=value,name=value',
    parse(value) {
      if (typeof value !== 'string') return undefined
      const entries = value
        .split(',')
        .filter((entry) => entry.trim() !== '')
        .map((entry) => /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*([\x21-\x7e]*)\s*$/.exec(entry))
      if (entries.some((entry) => entry === null)) return undefined
      return new Map(entries.map((entry) => [entry?.[1] ?? '', decodeValue(entry?.[2] ?? '')]))
    },
  }
}

function decodeValue(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function ratio(): ValueKind<number> {
  return {
    allowed: 'must be a number from 0 to 1',
    parse(value) {
      const given = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      return typeof given === 'number' && given >= 0 && given <= 1 ? given : undefined
    },
  }
}

export function awsEndpoints(): ValueKind<AwsEndpoints> {
  return {
    allowed: 'must be an object by ARN, as {"arn:aws:sqs:us-east-1:000000000000:*": {"url": "http://127.0.0.1:9324"}}',
    parse(value) {
      const given = typeof value === 'string' ? parseJson(value) : value
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined
      const entries = Object.entries(given).map(([arn, entry]) => [arn, parseEndpoint(arn, entry)] as const)
      return new Map(entries)
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseEndpoint(arn: string, given: unknown): AwsEndpoint {
  if (!parseAwsArn(arn.replaceAll('*', '000000000000')) && !/^arn:[^:]+:(sqs|sns|events):/.test(arn)) {
    throw new SettingError(`'${arn.slice(0, 200)}' must be the ARN of a queue, a topic or an event bus; * is anything`)
  }
  const entry = (typeof given === 'object' && given !== null ? given : {}) as Readonly<Record<string, unknown>>
  for (const [name, value] of Object.entries(entry)) {
    if (endpointMembers.includes(name) && typeof value === 'string') continue
    throw new SettingError(`${arn}: '${name.slice(0, 100)}' must be text, and one of ${endpointMembers.join(', ')}`)
  }
  const { url, region, accessKeyId, secretAccessKey, sessionToken, source } = entry as Readonly<Record<string, string>>
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new SettingError(`${arn}: url '${url.slice(0, 100)}' must be an http or https address`)
  }
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new SettingError(`${arn}: accessKeyId and secretAccessKey go together`)
  }
  return {
    ...(url !== undefined && { url }),
    ...(region !== undefined && { region }),
    ...(source !== undefined && { source }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
  }
}
