import { invalid, refused } from '../../registry/errors.ts'
import { listOf, objectOf, textOf, textsOf } from '../json.ts'
import { type GemName, parsePackage, parsePlatform, parseVersion } from './names.ts'
import type { Gem, GemAbout, GemDependency } from './release.ts'

/** Longest name of a licence. Unit: characters. Source: rubygems lib/rubygems/specification_policy.rb. */
const LICENSE_LENGTH_MAX = 64

/** What a gem's metadata says. */
export interface Specification {
  readonly gem: GemName
  readonly content: Gem
}

/** From the metadata as plain data, in which every scalar is text. Throws `invalid`. */
export function readSpecification(metadata: unknown): Specification {
  const value = objectOf(metadata)
  const name = parsePackage(present(value['name']) ?? '').name
  const version = parseVersion(versionOf(value['version']) ?? '')
  const platform = parsePlatform(readPlatform(value['platform'], value['original_platform']))
  const dependencies = listOf(value['dependencies']).map(readDependency)
  const ofType = (type: string) =>
    dependencies.filter((each) => each.type === type).map(({ type: _type, ...dependency }) => dependency)
  return {
    gem: { name, version, platform },
    content: {
      platform,
      source: 'gem',
      runtime: ofType('runtime'),
      development: ofType('development'),
      ruby: readRuntime(value['required_ruby_version'], 'required_ruby_version'),
      rubygems: readRuntime(value['required_rubygems_version'], 'required_rubygems_version'),
      about: readAbout(value),
    },
  }
}

/** Null has several spellings where every scalar is text. Source: YAML 1.1, "Null Language-Independent Type". */
function present(value: unknown): string | undefined {
  const text = textOf(value)
  return text === undefined || /^(?:~|null|Null|NULL)$/.test(text) ? undefined : text
}

function versionOf(value: unknown): string | undefined {
  return present(value) ?? present(objectOf(value)['version'])
}

function readPlatform(platform: unknown, original: unknown): string {
  const text = present(platform)
  if (text !== undefined && text !== '') return text
  const { cpu, os, version } = objectOf(platform)
  const parts = [present(cpu), present(os), present(version)].filter((part) => part !== undefined)
  return present(original) ?? (parts.length > 0 ? parts.join('-') : 'ruby')
}

function readDependency(value: unknown): GemDependency & { readonly type: string } {
  const fields = objectOf(value)
  const name = present(fields['name']) ?? ''
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/.test(name)) {
    throw invalid('dependency', name, 'must be the name of a gem')
  }
  const requirement = fields['requirement'] ?? fields['version_requirements'] ?? fields['version_requirement']
  const type = (present(fields['type']) ?? 'runtime').replace(/^:/, '')
  if (type !== 'runtime' && type !== 'development') {
    throw invalid(`type of dependency ${name}`, type, 'must be :runtime or :development')
  }
  return { name, requirements: readRequirements(requirement, `dependency ${name}`), type }
}

/** Anything at all needs no words. */
function readRuntime(value: unknown, what: string): string[] {
  const requirements = readRequirements(value, what)
  return requirements.length === 1 && requirements[0] === '>= 0' ? [] : requirements
}

/** Source: rubygems lib/rubygems/requirement.rb. */
function readRequirements(value: unknown, what: string): string[] {
  const pairs = listOf(objectOf(value)['requirements'] ?? value)
  const found = pairs.map((pair) => {
    const [operator, version] = listOf(pair)
    const text = `${present(operator) ?? ''} ${versionOf(version) ?? ''}`
    if (/^(?:=|!=|>|<|>=|<=|~>) [0-9][0-9A-Za-z.-]{0,254}$/.test(text)) return text
    throw invalid(`requirement of ${what}`, text, 'must be an operator and a version, as ">= 1.0"')
  })
  return found.length === 0 ? ['>= 0'] : found.sort()
}

function readAbout(value: Readonly<Record<string, unknown>>): GemAbout {
  const licenses = textsOf(value['licenses'] ?? [value['license']]).flatMap((text) => present(text) ?? [])
  const long = licenses.find((text) => text.length > LICENSE_LENGTH_MAX)
  if (long !== undefined) throw invalid('license', long, `must be at most ${LICENSE_LENGTH_MAX} characters`)
  const [description, homepage] = [present(value['description']), present(value['homepage'])]
  const email = value['email']
  const metadata = Object.entries(objectOf(value['metadata']))
  if (metadata.some(([, text]) => typeof text !== 'string')) throw refused('metadata must hold nothing but texts')
  return {
    summary: present(value['summary']) ?? '',
    ...(description !== undefined && { description }),
    authors: (value['authors'] === undefined ? [value['author']] : textsOf(value['authors'])).flatMap(
      (text) => present(text) ?? [],
    ),
    emails: (Array.isArray(email) ? textsOf(email) : [email]).flatMap((text) => present(text) ?? []),
    ...(homepage !== undefined && { homepage }),
    licenses,
    metadata: Object.fromEntries(metadata) as Record<string, string>,
    date: /^\d{4}-\d{2}-\d{2}/.exec(present(value['date']) ?? '')?.[0] ?? '1980-01-02',
    rubygemsVersion: versionOf(value['rubygems_version']) ?? '0',
  }
}
