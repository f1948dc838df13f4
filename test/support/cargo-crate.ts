import { packTarball, type TarEntry } from './tarball.ts'
import { createHash } from 'node:crypto'

/** A dependency as its manifest has it. */
export interface CrateDependency {
  /** The crate's own name. */
  readonly name: string
  readonly req: string
  readonly alias?: string
  readonly kind?: 'normal' | 'dev' | 'build'
  readonly optional?: boolean
  readonly features?: readonly string[]
  readonly target?: string
  /** Address of another registry's index. */
  readonly registry?: string
}

export interface CrateInput {
  readonly name: string
  readonly version: string
  readonly dependencies?: readonly CrateDependency[]
  readonly features?: Readonly<Record<string, readonly string[]>>
  /** Further lines of `[package]`. */
  readonly manifest?: string
  /** Entries beside Cargo.toml and src/lib.rs, or in their place. */
  readonly files?: readonly TarEntry[]
  /** When it was published, as an index writes it. */
  readonly pubtime?: string
}

/** A crate that Cargo could have made. */
export interface Crate {
  readonly input: CrateInput
  readonly bytes: Buffer
  readonly cksum: string
  /** What Cargo sends with it. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** What an index says of it. */
  readonly line: Readonly<Record<string, unknown>>
}

/** `tiny@1.2.0`, or all of it. */
export function makeCrate(given: CrateInput | string): Crate {
  const [name = '', version = ''] = typeof given === 'string' ? given.split('@') : []
  const input = typeof given === 'string' ? { name, version } : given
  const root = `${input.name}-${input.version}`
  const entries: TarEntry[] = [
    { path: `${root}/Cargo.toml`, content: cargoToml(input) },
    { path: `${root}/src/lib.rs`, content: `pub const VERSION: &str = "${input.version}";\n` },
  ]
  const more = new Map((input.files ?? []).map((entry) => [entry.path, entry]))
  const kept = entries.filter(({ path }) => !more.has(path))
  const bytes = packTarball([...kept, ...more.values()])
  const cksum = createHash('sha256').update(bytes).digest('hex')
  return { input, bytes, cksum, metadata: metadataOf(input), line: lineOf(input, cksum) }
}

export function cargoToml({ name, version, dependencies = [], features = {}, manifest = '' }: CrateInput): string {
  const sections = dependencies.map((dependency) => {
    const table = { normal: 'dependencies', dev: 'dev-dependencies', build: 'build-dependencies' }
    const place = dependency.target === undefined ? '' : `target.${JSON.stringify(dependency.target)}.`
    const lines = [
      `[${place}${table[dependency.kind ?? 'normal']}.${dependency.alias ?? dependency.name}]`,
      `version = ${JSON.stringify(dependency.req)}`,
      dependency.alias === undefined ? '' : `package = ${JSON.stringify(dependency.name)}`,
      dependency.optional === true ? 'optional = true' : '',
      dependency.features === undefined ? '' : `features = ${JSON.stringify(dependency.features)}`,
      dependency.registry === undefined ? '' : `registry-index = ${JSON.stringify(dependency.registry)}`,
    ]
    return lines.filter((line) => line !== '').join('\n')
  })
  const listed = Object.entries(features).map(([feature, values]) => `${feature} = ${JSON.stringify(values)}`)
  const head = `[package]\nname = ${JSON.stringify(name)}\nversion = ${JSON.stringify(version)}\nedition = "2021"\n${manifest}`
  return [head, ...sections, `[features]\n${listed.join('\n')}\n`].join('\n')
}

/** Source: The Cargo Book, "Web API", Publish. */
function metadataOf({ name, version, dependencies = [], features = {} }: CrateInput) {
  const deps = dependencies.map((dependency) => ({
    name: dependency.name,
    version_req: dependency.req,
    features: dependency.features ?? [],
    optional: dependency.optional ?? false,
    default_features: true,
    target: dependency.target ?? null,
    kind: dependency.kind ?? 'normal',
    registry: dependency.registry ?? null,
    explicit_name_in_toml: dependency.alias ?? null,
  }))
  return { name, vers: version, deps, features, authors: [], keywords: [], categories: [], badges: {}, links: null }
}

function lineOf({ name, version, dependencies = [], features = {}, pubtime }: CrateInput, cksum: string) {
  const deps = dependencies.map((dependency) => ({
    name: dependency.alias ?? dependency.name,
    req: dependency.req,
    features: dependency.features ?? [],
    optional: dependency.optional ?? false,
    default_features: true,
    target: dependency.target ?? null,
    kind: dependency.kind ?? 'normal',
    ...(dependency.alias !== undefined && { package: dependency.name }),
    ...(dependency.registry !== undefined && { registry: dependency.registry }),
  }))
  return { name, vers: version, deps, cksum, features, yanked: false, ...(pubtime !== undefined && { pubtime }) }
}

/** The body of a publish; `changes` are lies about its lengths. */
export function publishBody(
  metadata: object | Buffer,
  bytes: Buffer,
  changes: { readonly metadataBytes?: number; readonly crateBytes?: number } = {},
): Buffer {
  const json = Buffer.isBuffer(metadata) ? metadata : Buffer.from(JSON.stringify(metadata))
  return Buffer.concat([
    length(changes.metadataBytes ?? json.length),
    json,
    length(changes.crateBytes ?? bytes.length),
    bytes,
  ])
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
