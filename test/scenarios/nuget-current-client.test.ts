import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { trustOwnAuthority } from '../../src/wire/certificates.ts'
import { makeNuget, makeSymbols } from '../support/nuget-package.ts'
import { type NugetJson, type NugetReply, NugetWire } from '../support/nuget-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

/**
 * Speaks as NuGet 6 and 7 do, as no such client can be had here: HTTPS only, every request without credentials first, the
 * resources and headers of theirs in their order. Source: NuGet.Client (HttpSource, HttpHandlerResourceV3, DownloadUtility,
 * VulnerabilityInfoResourceV3, PackageUpdateResource, PackageSearchResourceV3), NuGet documentation.
 */
class CurrentClient {
  readonly #anonymous: NugetWire
  readonly #named: NugetWire
  readonly #session = randomUUID()

  constructor(endpoint: string, token: string) {
    this.#anonymous = new NugetWire(endpoint, undefined)
    this.#named = new NugetWire(endpoint, token)
  }

  /** As for any document: no condition is ever sent, as what it keeps it believes for half an hour. */
  async get(url: string): Promise<NugetReply> {
    const headers = {
      'user-agent': 'NuGet .NET Core MSBuild Task/6.14.0 (Unix 6.1.0.0)',
      'accept-language': 'en-US',
      'x-nuget-session-id': this.#session,
    }
    const first = await this.#anonymous.get(url, headers)
    assert.equal(first.status, 401, url)
    assert.match(first.headers.get('www-authenticate') ?? '', /^Basic realm=/)
    return this.#named.get(url, headers)
  }

  async json(url: string): Promise<NugetJson> {
    const reply = await this.get(url)
    assert.equal(reply.status, 200, `${url}: ${reply.reason}`)
    return reply.json()
  }

  /** The whole package twice, in pieces; the second time with credentials. */
  async push(bytes: Buffer, to: string): Promise<NugetReply> {
    const headers = {
      'user-agent': 'NuGet Command Line/6.14.0 (Unix 6.1.0.0)',
      'x-nuget-client-version': '6.14.0',
      'x-nuget-session-id': this.#session,
    }
    const refused = await this.#anonymous.push(bytes, { to: `${to}/`, headers })
    assert.equal(refused.status, 401)
    return this.#named.push(bytes, { to: `${to}/`, headers })
  }
}

interface Stage {
  readonly yard: Packyard
  readonly upstream: Upstream
  readonly client: CurrentClient
  readonly endpoint: string
  /** Addresses by type, as the service index tells them. */
  readonly at: (type: string) => string
}

test('what NuGet 6 and 7 ask for over HTTPS is there', async (t) => {
  const upstream = await startUpstream(t, {
    nuget: ['Leaf@1.0.0', 'Leaf@1.1.0-beta.2', { id: 'Branch', version: '2.0.0', dependencies: { Leaf: '1.0.0' } }],
  })
  const weakness = { severity: 3, url: 'https://advisories.example/9', versions: '(, 1.0.0]' }
  upstream.nuget.vulnerabilities = { base: { leaf: [weakness] } }
  const yard = await startPackyard(t, {
    env: { PACKYARD_TLS: 'auto' },
    connections: { 'public:nuget-org': upstream.nuget.url },
    processes: 1,
  })
  const endpoint = await yard.endpoint('main', 'nuget')
  const token = await yard.token()
  trustOwnAuthority(yard)
  const client = new CurrentClient(endpoint, token)
  const { resources = [] } = await client.json('v3/index.json')
  const at = (type: string) => resources.find((each) => each['@type'] === type)?.['@id'] ?? assert.fail(type)
  const stage: Stage = { yard, upstream, client, endpoint, at }

  await t.test(
    'every address in an index over HTTPS is one of HTTPS, below it, and signatures are not spoken of',
    () => {
      assert.match(endpoint, /^https:/)
      for (const { '@id': id } of resources) assert.ok(id.startsWith(`${endpoint}v3/`), id)
      assert.deepEqual(
        resources.filter((each) => /^(RepositorySignatures|Catalog|OwnerDetails)/.test(each['@type'])),
        [],
      )
    },
  )
  await t.test('a restore with an audit', () => restore(stage, weakness))
  await t.test('a push with symbols, and what finds it at once', () => push(stage))
  await t.test('the commands that look around', (inner) => look(inner, stage))
})

/** Lists, then packages, then the audit, which is on by default. */
async function restore({ client, at, yard }: Stage, weakness: object): Promise<void> {
  const flat = at('PackageBaseAddress/3.0.0')
  assert.deepEqual((await client.json(`${flat}branch/index.json`)).versions, ['2.0.0'])
  assert.deepEqual((await client.json(`${flat}leaf/index.json`)).versions, ['1.0.0', '1.1.0-beta.2'])
  for (const [id, version] of [
    ['branch', '2.0.0'],
    ['leaf', '1.0.0'],
  ]) {
    const nupkg = await client.get(`${flat}${id}/${version}/${id}.${version}.nupkg`)
    assert.deepEqual([nupkg.status, nupkg.bytes.toString('latin1', 0, 2)], [200, 'PK'])
  }
  assert.deepEqual(await yard.versions('main', 'leaf', 'nuget'), ['1.0.0 Published EXTERNAL'])
  const pages = (await client.json(at('VulnerabilityInfo/6.7.0'))) as unknown as NugetJson[]
  assert.ok(pages.length >= 1 && pages.length <= 16)
  const known = []
  for (const page of pages) {
    assert.match(String(page['@name']), /^[A-Za-z0-9_-]{1,32}$/)
    assert.ok(!Number.isNaN(Date.parse(String(page['@updated']))))
    known.push(await client.json(page['@id'] ?? ''))
  }
  assert.deepEqual(Object.assign({}, ...known), { leaf: [weakness] })
}

async function push({ client, at, yard }: Stage): Promise<void> {
  const metadata = ['<readme>README.md</readme>', '<license type="expression">MIT</license>']
  const files = [{ path: 'README.md', content: '# Gear' }]
  const made = makeNuget({ id: 'Acme.Gear', version: '1.0.0-rc.1+build.7', metadata, files })
  assert.equal((await client.push(made.bytes, at('PackagePublish/2.0.0'))).status, 201)
  assert.equal((await client.push(makeSymbols('Acme.Gear@1.0.0-rc.1'), at('SymbolPackagePublish/4.9.0'))).status, 201)
  const flat = at('PackageBaseAddress/3.0.0')
  assert.deepEqual((await client.json(`${flat}acme.gear/index.json`)).versions, ['1.0.0-rc.1'])
  assert.deepEqual(await yard.versions('main', 'acme.gear', 'nuget'), ['1.0.0-rc.1 Published INTERNAL'])
  const again = await client.push(makeNuget('Acme.Gear@1.0.0-rc.1').bytes, at('PackagePublish/2.0.0'))
  assert.deepEqual([again.status, /holds version 1\.0\.0-rc\.1/.test(again.reason)], [409, true])
}

async function look(t: TestContext, { client, at }: Stage): Promise<void> {
  await t.test('dotnet package search: prereleases and SemVer 2 only when asked for', async () => {
    const query = at('SearchQueryService/3.5.0')
    const search = (more: string) => client.json(`${query}?q=gear&skip=0&take=20&${more}`)
    assert.equal((await search('prerelease=false&semVerLevel=2.0.0')).totalHits, 0)
    assert.equal((await search('prerelease=true&semVerLevel=1.0.0')).totalHits, 0)
    const found = await search('prerelease=true&semVerLevel=2.0.0')
    const [hit] = found.data ?? []
    assert.deepEqual([found.totalHits, hit?.['id'], hit?.['version']], [1, 'Acme.Gear', '1.0.0-rc.1+build.7'])
    for (const list of ['authors', 'owners', 'tags', 'versions', 'packageTypes'])
      assert.ok(Array.isArray(hit?.[list]), list)
    assert.ok(Number.isInteger(hit?.['totalDownloads']))
    const completion = `${at('SearchAutocompleteService/3.5.0')}?q=acme&prerelease=true&semVerLevel=2.0.0`
    assert.deepEqual((await client.json(completion)).data, ['Acme.Gear'])
  })

  await t.test('dotnet list package --outdated --vulnerable --deprecated: the best registration', async () => {
    const index = await client.get(`${at('RegistrationsBaseUrl/Versioned')}leaf/index.json`)
    const leaves = index.json().items?.flatMap((page) => page.items ?? []) ?? []
    assert.deepEqual(
      leaves.map((leaf) => leaf.catalogEntry?.['version']),
      ['1.0.0', '1.1.0-beta.2'],
    )
    assert.equal(at('RegistrationsBaseUrl/3.6.0'), at('RegistrationsBaseUrl/Versioned'))
  })

  await t.test('the readme, the details and where to report a package, by their templates', async () => {
    const fill = (template: string) =>
      template
        .replace('{lower_id}', 'acme.gear')
        .replace('{lower_version}', '1.0.0-rc.1')
        .replace('{id}', 'Acme.Gear')
        .replace('{version}', '1.0.0-rc.1')
    assert.equal((await client.get(fill(at('ReadmeUriTemplate/6.13.0')))).text(), '# Gear')
    for (const type of ['PackageDetailsUriTemplate/5.1.0', 'ReportAbuseUriTemplate/3.0.0']) {
      const page = await client.get(fill(at(type)))
      assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/plain; charset=utf-8'])
      assert.match(page.text(), /^Acme\.Gear 1\.0\.0-rc\.1\+build\.7\n[^]*Licence: MIT[^]*To report this package/)
    }
    assert.equal((await client.get(fill(at('PackageDetailsUriTemplate/5.1.0')).replace('rc.1', 'rc.2'))).status, 404)
  })
}
