import type { Format, Route } from '../../src/formats/format.ts'
import { makeCrate, publishBody } from './cargo-crate.ts'
import { buildGem } from './gem-file.ts'
import { makePackage } from './npm-package.ts'
import { publishDocument } from './npm-wire.ts'
import { makeNuget } from './nuget-package.ts'
import { pushForm } from './nuget-wire.ts'
import { makePython } from './python-package.ts'
import { uploadForm } from './pypi-wire.ts'

/** What clients of every format would put into a path, by the parameter's name. */
const common: Readonly<Record<string, string>> = {
  package: 'tiny',
  project: 'tiny',
  crate: 'tiny',
  gem: 'tiny',
  id: 'tiny',
  name: 'tiny',
  namespace: 'team',
  scope: '@acme',
  version: '1.0.0',
  lower: '1.0.0',
  upper: '1.0.0',
  tag: 'beta',
  revision: '1-abc',
  spec: 'tiny@1.0.0',
  user: 'org.couchdb.user:bo',
  token: 'abc',
  key: 'abc',
  folder: '@acme',
  asset: 'tiny.txt',
  page: 'base.json',
  path: 'org/acme/tiny/1.0.0/tiny-1.0.0.pom',
  first: 'ti',
  second: 'ny',
}

/** Where a format's names differ from those, or one path's from others of its format. The first that fits counts. */
const special: readonly (readonly [format: string, path: RegExp, params: Readonly<Record<string, string>>])[] = [
  ['npm', /./, { file: 'tiny-1.0.0.tgz' }],
  ['pypi', /./, { filename: 'tiny-1.0.0-py3-none-any.whl' }],
  ['nuget', /registration/, { version: '1.0.0.json' }],
  ['nuget', /./, { file: 'tiny.1.0.0.nupkg' }],
  ['cargo', /^\/1\//, { crate: 'a' }],
  ['cargo', /^\/2\//, { crate: 'ab' }],
  ['swift', /./, { scope: 'acme', submission: '0a1b2c' }],
  ['ruby', /quick/, { file: 'tiny-1.0.0.gemspec.rz' }],
  ['ruby', /api\/v1\/gems\/:name/, { file: 'owners.json' }],
  ['ruby', /api\/v2/, { file: '1.0.0.json' }],
  ['ruby', /attestations/, { file: 'tiny-1.0.0.json' }],
  ['ruby', /api\/v1/, { file: 'tiny.json' }],
  ['ruby', /./, { file: 'tiny-1.0.0.gem' }],
]

/** A path that a client could ask for. Throws when a route has a parameter that nobody has thought of. */
export function plausiblePath({ id }: Format, { path }: Route): string {
  const own = special.find(([format, pattern]) => format === id && pattern.test(path))?.[2] ?? {}
  return path.replace(/:(\w+)\*?/g, (_, name: string) => {
    const value = own[name] ?? common[name]
    if (value === undefined) throw new Error(`say in ${import.meta.filename} what ${id} puts into :${name} of ${path}`)
    return value
  })
}

/** What a client would send, where what is asked for is named in there; of all else, nothing. */
export async function plausibleBody({ id }: Format, { method, path }: Route): Promise<RequestInit> {
  if (id === 'npm' && /^(PUT|POST)$/.test(method)) return { body: JSON.stringify(await npmDocument(path)) }
  const gem = `${path.replace('//', '/')} ${method}`
  if (id === 'pypi' && method === 'POST') return { body: uploadForm(makePython({ name: 'tiny', version: '1.0.0' })) }
  if (id === 'nuget' && /^\/v3\/(package|symbol)\/?$/.test(path)) return nugetBody()
  if (id === 'cargo' && path === '/api/v1/crates/new') return crateBody()
  if (id === 'ruby' && gem === '/api/v1/gems POST') {
    return { body: buildGem('tiny@1.0.0').bytes, headers: { 'content-type': 'application/octet-stream' } }
  }
  if (id === 'ruby' && gem === '/api/v1/gems/yank DELETE') {
    return { body: new URLSearchParams({ gem_name: 'tiny', version: '1.0.0' }) }
  }
  return {}
}

/** Of tags, of one tag, or of a package that is published or changed. */
async function npmDocument(path: string): Promise<unknown> {
  if (path.endsWith('/dist-tags')) return { beta: '1.0.0' }
  if (path.endsWith('/:tag')) return '1.0.0'
  const made = await makePackage(`${path.startsWith('/:scope') ? '@acme/' : ''}tiny@1.0.0`)
  return path.includes('-rev') ? { name: made.name, versions: { '1.0.0': {} } } : publishDocument(made)
}

function nugetBody(): RequestInit {
  const { type, body } = pushForm(makeNuget('tiny@1.0.0').bytes)
  return { body, headers: { 'content-type': type } }
}

function crateBody(): RequestInit {
  const { metadata, bytes } = makeCrate('tiny@1.0.0')
  return { body: publishBody(metadata, bytes) }
}
