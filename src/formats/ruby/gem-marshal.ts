import { deflateSync } from 'node:zlib'
import {
  marshalArray,
  marshalDumped,
  marshalFalse,
  marshalHash,
  marshalInteger,
  type Marshalled,
  marshalNil,
  marshalObject,
  marshalStream,
  marshalString,
  marshalSymbol,
  marshalTrue,
  marshalUserBytes,
} from './marshal.ts'
import type { GemName } from './names.ts'
import { parsePlatformParts } from './platform.ts'
import type { Gem, GemAbout, GemDependency } from './release.ts'

/** RubyGems' own classes in Marshal, none but those that it takes. Source: rubygems lib/rubygems/safe_marshal.rb. */

/** `[name, Gem::Version, platform]`, an entry of the lists of all gems. */
export function marshalTuple({ name, version, platform }: GemName): Marshalled {
  return marshalArray([marshalString(name), marshalVersion(version), marshalString(platform)])
}

function marshalVersion(version: string): Marshalled {
  return marshalDumped('Gem::Version', marshalArray([marshalString(version)]))
}

/** From `>= 1.0`; nothing is `>= 0`. */
function marshalRequirement(requirements: readonly string[]): Marshalled {
  const pairs = (requirements.length === 0 ? ['>= 0'] : requirements).map((text) => {
    const [operator = '>=', version = '0'] = text.split(' ')
    return marshalArray([marshalString(operator), marshalVersion(version)])
  })
  return marshalDumped('Gem::Requirement', marshalArray([marshalArray(pairs)]))
}

function marshalDependency({ name, requirements }: GemDependency, type: 'runtime' | 'development'): Marshalled {
  const requirement = marshalRequirement(requirements)
  return marshalObject('Gem::Dependency', [
    ['@name', marshalString(name)],
    ['@requirement', requirement],
    ['@type', marshalSymbol(type)],
    ['@prerelease', marshalFalse],
    ['@version_requirements', requirement],
  ])
}

function marshalPlatform(platform: string): Marshalled {
  if (platform === 'ruby') return marshalString('ruby')
  const { cpu, os, version } = parsePlatformParts(platform)
  return marshalObject('Gem::Platform', [
    ['@cpu', optional(cpu)],
    ['@os', marshalString(os)],
    ['@version', optional(version)],
  ])
}

/** Midnight in UTC of a day as `2026-01-31`. Source: Ruby, time.c, `time_mdump`. */
function marshalDay(day: string): Marshalled {
  const date = new Date(`${day}T00:00:00Z`)
  const known = Number.isNaN(date.getTime()) ? new Date('1980-01-02T00:00:00Z') : date
  const bytes = Buffer.alloc(8)
  const years = Math.min(Math.max(known.getUTCFullYear() - 1900, 0), 0xffff)
  const first = (0b11 << 30) | (years << 14) | (known.getUTCMonth() << 10) | (known.getUTCDate() << 5)
  bytes.writeUInt32LE(first >>> 0, 0)
  return marshalUserBytes('Time', bytes, [['zone', marshalString('UTC')]])
}

/** What `quick/Marshal.4.8/{gem}.gemspec.rz` holds. */
export function renderGemspec(name: GemName, gem: Gem): Buffer {
  return deflateSync(marshalStream(marshalSpecification(name, gem)))
}

/** Exported for its test: what a specification is before it is compressed. */
export function marshalSpecification({ name, version, platform }: GemName, gem: Gem): Marshalled {
  const about = gem.about ?? unknownAbout(gem)
  const { emails } = about
  const inner = marshalArray([
    marshalString(about.rubygemsVersion),
    marshalInteger(4),
    marshalString(name),
    marshalVersion(version),
    marshalDay(about.date),
    marshalString(about.summary),
    marshalRequirement(gem.ruby),
    marshalRequirement(gem.rubygems),
    marshalString(platform),
    marshalArray([
      ...gem.runtime.map((dependency) => marshalDependency(dependency, 'runtime')),
      ...gem.development.map((dependency) => marshalDependency(dependency, 'development')),
    ]),
    marshalString(''),
    emails.length < 2 ? optional(emails[0]) : marshalArray(emails.map(marshalString)),
    marshalArray(about.authors.map(marshalString)),
    optional(about.description),
    optional(about.homepage),
    marshalTrue,
    marshalPlatform(platform),
    marshalArray(about.licenses.map(marshalString)),
    marshalHash(Object.entries(about.metadata).map(([key, text]) => [marshalString(key), marshalString(text)])),
  ])
  return marshalUserBytes('Gem::Specification', marshalStream(inner))
}

/** Of a gem that nobody has fetched yet, only the index is known. */
function unknownAbout({ createdAt }: Gem): GemAbout {
  const date = createdAt?.slice(0, 10) ?? '1980-01-02'
  return { summary: '', authors: [], emails: [], licenses: [], metadata: {}, date, rubygemsVersion: '0' }
}

function optional(text: string | undefined): Marshalled {
  return text === undefined ? marshalNil : marshalString(text)
}

/** One entry of the dependency API. */
export function marshalDependencyEntry({ name, version, platform }: GemName, gem: Gem): Marshalled {
  const dependencies = gem.runtime.map((dependency) =>
    marshalArray([marshalString(dependency.name), marshalString(joinRequirements(dependency))]),
  )
  return marshalHash([
    [marshalSymbol('name'), marshalString(name)],
    [marshalSymbol('number'), marshalString(version)],
    [marshalSymbol('platform'), marshalString(platform)],
    [marshalSymbol('dependencies'), marshalArray(dependencies)],
  ])
}

/** `>= 1, < 3` */
export function joinRequirements({ requirements }: GemDependency): string {
  return requirements.length === 0 ? '>= 0' : requirements.join(', ')
}
