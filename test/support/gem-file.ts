import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTarball, type TarEntry } from './tarball.ts'

/** `name@version`, or all that matters of a gem. */
export type GemInput = string | GemFields

export interface GemFields {
  readonly name: string
  readonly version: string
  /** For every platform unless said. */
  readonly platform?: string
  /** Requirement by name: `{ rack: '>= 2.0' }`. */
  readonly dependencies?: Readonly<Record<string, string>>
  readonly files?: readonly TarEntry[]
  /** Further lines of the metadata, at the top level. */
  readonly metadata?: readonly string[]
  /** When an index says that it came. */
  readonly createdAt?: string
}

export interface BuiltGem extends Required<Pick<GemFields, 'name' | 'version' | 'platform' | 'dependencies'>> {
  readonly bytes: Buffer
  readonly sha256: string
  /** `1.0-java` */
  readonly number: string
  readonly createdAt: string | undefined
}

/** A gem as `gem build` makes it; the same fields always give the same bytes. */
export function buildGem(input: GemInput): BuiltGem {
  const [inputName = '', inputVersion = ''] = typeof input === 'string' ? input.split('@') : []
  const fields: GemFields = typeof input === 'string' ? { name: inputName, version: inputVersion } : input
  const { name, version, platform = 'ruby', dependencies = {}, createdAt } = fields
  const text = `module Made\n  VERSION = ${JSON.stringify(version)}\nend\n`
  const files = fields.files ?? [{ path: `lib/${name}.rb`, content: text }]
  const parts = { 'metadata.gz': gzipSync(metadataOf(fields)), 'data.tar.gz': packTarball(files) }
  const bytes = packGem(parts)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const number = platform === 'ruby' ? version : `${version}-${platform}`
  return { name, version, platform, dependencies, bytes, sha256, number, createdAt }
}

/** The outer archive of a gem, with its list of checksums unless that is among the parts. */
export function packGem(parts: Readonly<Record<string, Buffer>>): Buffer {
  const sums = ['SHA256', 'SHA512'].flatMap((algorithm) => [
    `${algorithm}:`,
    ...Object.entries(parts).map(([name, bytes]) => {
      return `  ${name}: ${createHash(algorithm.toLowerCase()).update(bytes).digest('hex')}`
    }),
  ])
  const entries = { ...parts, 'checksums.yaml.gz': gzipSync(`---\n${sums.join('\n')}\n`), ...parts }
  return packPlain(Object.entries(entries).map(([path, content]) => ({ path, content })))
}

/** A tar that is not compressed. */
function packPlain(entries: readonly TarEntry[]): Buffer {
  return gunzipSync(packTarball(entries))
}

/** Source: what RubyGems 3.3 writes. */
export function metadataOf({ name, version, platform = 'ruby', dependencies = {}, metadata = [] }: GemFields): string {
  return [
    '--- !ruby/object:Gem::Specification',
    `name: ${name}`,
    'version: !ruby/object:Gem::Version',
    `  version: '${version}'`,
    `platform: ${platform}`,
    'authors:',
    '- Ada',
    'bindir: bin',
    'cert_chain: []',
    'date: 2026-01-02 00:00:00.000000000 Z',
    ...(Object.keys(dependencies).length === 0 ? ['dependencies: []'] : ['dependencies:']),
    ...Object.entries(dependencies).flatMap(([dependency, requirement]) => dependencyLines(dependency, requirement)),
    `description: All that ${name} does.`,
    'email: ada@example.com',
    'executables: []',
    'extensions: []',
    'files:',
    `- lib/${name}.rb`,
    'homepage: https://example.com',
    'licenses:',
    '- MIT',
    ...(metadata.some((line) => line.startsWith('metadata:')) ? [] : ['metadata: {}']),
    ...metadata,
    'require_paths:',
    '- lib',
    'required_ruby_version: !ruby/object:Gem::Requirement',
    '  requirements:',
    '  - - ">="',
    '    - !ruby/object:Gem::Version',
    "      version: '2.0'",
    'required_rubygems_version: !ruby/object:Gem::Requirement',
    '  requirements:',
    '  - - ">="',
    '    - !ruby/object:Gem::Version',
    "      version: '0'",
    'rubygems_version: 3.3.15',
    'specification_version: 4',
    `summary: What ${name} does`,
    'test_files: []',
    '',
  ].join('\n')
}

function dependencyLines(name: string, requirement: string): string[] {
  const [operator = '>=', version = '0'] = requirement.split(' ')
  const requirements = [
    '  requirements:',
    `    - - "${operator}"`,
    '      - !ruby/object:Gem::Version',
    `        version: '${version}'`,
  ]
  return [
    '- !ruby/object:Gem::Dependency',
    `  name: ${name}`,
    '  requirement: &x !ruby/object:Gem::Requirement'.replace('&x', `&${name.replace(/[^a-z0-9]/gi, '')}`),
    `  ${requirements[0]}`,
    ...requirements.slice(1),
    '  type: :runtime',
    '  prerelease: false',
    `  version_requirements: *${name.replace(/[^a-z0-9]/gi, '')}`,
  ]
}
