import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AssociateExternalConnectionCommand, type PackageFormat } from '@aws-sdk/client-codeartifact'
import { apiClient, apiSigner } from '../support/packyard-api.ts'
import { firstDomain, type Packyard, startPackyard } from '../support/packyard.ts'
import { startUpstream } from '../support/upstream.ts'

const domain = firstDomain as never

/** One format: how its client reads an index and an asset, and what it makes of an index. */
interface Reading {
  readonly format: PackageFormat & ('npm' | 'pypi' | 'maven' | 'nuget' | 'ruby' | 'cargo' | 'swift')
  readonly connection: string
  readonly package: string
  readonly namespace?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly index: string
  /** Of the version that is denied, 2.0.0. */
  readonly asset: string
  /** Versions that a client would choose among, and the one it takes when nobody names any, where the index says so. */
  offered(text: string): readonly string[]
}

const lines = (text: string) => text.trim().split('\n')

const readings: readonly Reading[] = [
  {
    format: 'npm',
    connection: 'public:npmjs',
    package: 'tiny',
    index: 'tiny',
    asset: 'tiny/-/tiny-2.0.0.tgz',
    offered(text) {
      const { versions, 'dist-tags': tags } = JSON.parse(text) as { versions: object; 'dist-tags': { latest: string } }
      return [...Object.keys(versions), tags.latest]
    },
  },
  {
    format: 'pypi',
    connection: 'public:pypi',
    package: 'tiny',
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
    index: 'simple/tiny/',
    asset: 'simple/tiny/2.0.0/tiny-2.0.0-py3-none-any.whl',
    offered(text) {
      const { files } = JSON.parse(text) as { files: { filename: string; yanked: boolean | string }[] }
      for (const { filename, yanked } of files) {
        if (yanked === false) continue
        assert.equal(filename, 'tiny-2.0.0-py3-none-any.whl')
        assert.match(String(yanked), /^tiny 2\.0\.0 is held by rule 'block' \(approval\): denied/)
      }
      return files.flatMap(({ filename, yanked }) => (yanked === false ? [filename.split('-')[1] ?? ''] : []))
    },
  },
  {
    format: 'maven',
    connection: 'public:maven-central',
    package: 'tiny',
    namespace: 'org.tools',
    index: 'org/tools/tiny/maven-metadata.xml',
    asset: 'org/tools/tiny/2.0.0/tiny-2.0.0.pom',
    offered: (text) => Array.from(text.matchAll(/<(?:version|latest|release)>([^<]+)</g), (found) => found[1] ?? ''),
  },
  {
    format: 'nuget',
    connection: 'public:nuget-org',
    package: 'tiny',
    index: 'v3/registration4/tiny/index.json',
    asset: 'v3/flatcontainer/tiny/2.0.0/tiny.2.0.0.nupkg',
    offered(text) {
      type Leaf = { readonly catalogEntry: { readonly version: string; readonly listed: boolean } }
      const { items } = JSON.parse(text) as { items: { items: Leaf[] }[] }
      const leaves = items.flatMap((page) => page.items)
      return leaves.flatMap(({ catalogEntry: { version, listed } }) => (listed ? [version] : []))
    },
  },
  {
    format: 'ruby',
    connection: 'public:ruby-gems-org',
    package: 'tiny',
    index: 'info/tiny',
    asset: 'gems/tiny-2.0.0.gem',
    offered: (text) =>
      lines(text)
        .slice(1)
        .map((line) => line.split(' ')[0] ?? ''),
  },
  {
    format: 'cargo',
    connection: 'public:crates-io',
    package: 'tiny',
    index: 'ti/ny/tiny',
    asset: 'api/v1/crates/tiny/2.0.0/download',
    offered: (text) =>
      lines(text).flatMap((line) => {
        const { vers, yanked } = JSON.parse(line) as { vers: string; yanked: boolean }
        return yanked ? [] : [vers]
      }),
  },
  {
    format: 'swift',
    connection: 'corp:swift',
    package: 'Tiny',
    namespace: 'far',
    headers: { accept: 'application/vnd.swift.registry.v1+json' },
    index: 'far/Tiny',
    asset: 'far/Tiny/2.0.0.zip',
    offered: (text) => Object.keys((JSON.parse(text) as { releases: object }).releases),
  },
]

test('no index of any format offers a version that is denied, and none gives it away', async (t) => {
  const both = (name: string) => [`${name}@1.0.0`, `${name}@2.0.0`]
  const gem = (version: string) => ({ name: 'tiny', version })
  const upstream = await startUpstream(t, {
    npm: both('tiny'),
    pypi: both('tiny'),
    maven: ['org.tools:tiny:1.0.0', 'org.tools:tiny:2.0.0'],
    nuget: both('Tiny'),
    ruby: [gem('1.0.0'), gem('2.0.0')],
    cargo: both('tiny'),
    swift: both('far.Tiny'),
  })
  const connections = {
    'public:npmjs': upstream.url,
    'public:pypi': upstream.url,
    'public:maven-central': upstream.maven.url,
    'public:nuget-org': upstream.nuget.url,
    'public:ruby-gems-org': upstream.url,
    'public:crates-io': upstream.cargo.url,
    'corp:swift': { url: upstream.swift.url, format: 'swift' },
  }
  const yard = await startPackyard(t, { connections, processes: 1 })
  const repository = await yard.createRepository('everything', [])
  for (const { connection: externalConnection } of readings) {
    await yard.sdk.send(new AssociateExternalConnectionCommand({ domain, repository, externalConnection }))
  }
  const api = apiClient(apiSigner(yard))
  const rule = { domain, rule: 'block', kind: 'approval', mode: 'enforce', parameters: { default: 'pass' } } as const
  await api('PUT /packyard/v1/rules/{rule}', rule)
  for (const reading of readings) {
    await t.test(reading.format, async () => {
      assert.ok((await offeredBy(yard, reading)).includes('2.0.0'), 'before')
      const { format, package: name, namespace } = reading
      const about = { domain, format, package: name, ...(namespace !== undefined && { namespace }), versions: '2.0.0' }
      await api('POST /packyard/v1/denials', { ...about, comment: 'no' })
      assert.deepEqual([...new Set(await offeredBy(yard, reading))], ['1.0.0'])
      const refused = await read(yard, reading, reading.asset)
      assert.equal(refused.status, 403, refused.text)
      assert.match(
        refused.reason,
        /2\.0\.0 is held by rule 'block' \(approval\): denied \S+Z: no; applies to domain packyard$/,
      )
    })
  }
})

async function offeredBy(yard: Packyard, reading: Reading): Promise<readonly string[]> {
  const { status, text } = await read(yard, reading, reading.index)
  assert.equal(status, 200, text)
  return reading.offered(text)
}

async function read(yard: Packyard, { format, headers }: Reading, path: string) {
  const endpoint = await yard.endpoint('everything', format)
  const authorization = `Basic ${Buffer.from(`aws:${await yard.token()}`).toString('base64')}`
  const response = await fetch(endpoint + path, { headers: { authorization, ...headers } })
  const reason = response.headers.get('x-packyard-reason') ?? ''
  return { status: response.status, text: await response.text(), reason }
}
