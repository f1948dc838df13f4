import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import {
  DescribePackageVersionCommand,
  GetPackageVersionAssetCommand,
  GetPackageVersionReadmeCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionDependenciesCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact'
import { makeNuget, makeSymbols, type NugetInput } from '../../../test/support/nuget-package.ts'
import { type NugetJson, NugetWire, pushForm } from '../../../test/support/nuget-wire.ts'
import { firstDomain, type Packyard } from '../../../test/support/packyard.ts'
import { testOnEachSetup } from '../../../test/support/setups.ts'
import { startUpstream } from '../../../test/support/upstream.ts'

interface Scene {
  readonly wire: NugetWire
  readonly yard: Packyard
}

/** Every test below speaks to one server, each with packages of its own. */
testOnEachSetup('NuGet on the wire', {}, async (t, setup) => {
  const upstream = await startUpstream(t)
  const yard = await setup.start({ connections: { 'public:nuget-org': upstream.nuget.url }, processes: 1 })
  const wire = new NugetWire(await yard.endpoint('main', 'nuget'), await yard.token())
  const scene = { wire, yard }
  for (const [title, run] of Object.entries({
    service,
    identities,
    pushes,
    refusals,
    reads,
    listing,
    searches,
  })) {
    await t.test(title, (inner) => run(inner, scene))
  }
})

const place = { domain: firstDomain, repository: 'main', format: 'nuget' } as const

async function push(wire: NugetWire, input: NugetInput | string): Promise<Buffer> {
  const { bytes } = makeNuget(input)
  const reply = await wire.push(bytes)
  assert.equal(reply.status, 201, reply.reason)
  return bytes
}

async function service(t: TestContext, { wire }: Scene): Promise<void> {
  await t.test('the service index names everything below itself', async () => {
    const { resources = [], version } = await wire.json('v3/index.json')
    assert.equal(version, '3.0.0')
    for (const { '@id': id } of resources) assert.ok(id.startsWith(`${wire.endpoint}v3/`), id)
    const types = resources.map((each) => each['@type'])
    assert.equal(new Set(types).size, types.length)
    for (const type of [
      'PackageBaseAddress/3.0.0',
      'RegistrationsBaseUrl/3.6.0',
      'RegistrationsBaseUrl/Versioned',
      'SearchQueryService/3.5.0',
      'SearchAutocompleteService/3.5.0',
      'PackagePublish/2.0.0',
      'SymbolPackagePublish/4.9.0',
      'VulnerabilityInfo/6.7.0',
      'ReadmeUriTemplate/6.13.0',
      'PackageDetailsUriTemplate/5.1.0',
      'ReportAbuseUriTemplate/3.0.0',
    ]) {
      assert.ok(types.includes(type), type)
    }
  })

  await t.test('nobody is let in without a token, and is told how to show one', async () => {
    const anonymous = new NugetWire(wire.endpoint, undefined)
    const paths = ['v3/index.json', 'v3/flatcontainer/a/index.json', 'v3/flatcontainer/a/1.0.0/a.1.0.0.nupkg']
    paths.push('v3/registration4/a/index.json', 'v3/query?q=', 'v3/autocomplete', 'v3/vulnerabilities/index.json')
    for (const path of paths) {
      for (const headers of [{}, { authorization: 'Basic Og==' }]) {
        const reply = await anonymous.get(path, headers)
        assert.equal(reply.status, 401, path)
        assert.equal(reply.headers.get('www-authenticate'), 'Basic realm="packyard/main"')
      }
    }
    const wrong = await new NugetWire(wire.endpoint, 'wrong-token-of-somebody').get('v3/index.json')
    assert.equal(wrong.status, 401)
    assert.ok(wrong.reason.length > 20, wrong.reason)
    const { type, body } = pushForm(Buffer.alloc(3_000_000))
    const refused = await anonymous.request('PUT', 'v3/package/', { 'content-type': type }, body)
    assert.equal(refused.status, 401)
  })

  await t.test('the pages of vulnerabilities are there, and empty', async () => {
    const index = (await wire.json('v3/vulnerabilities/index.json')) as unknown as NugetJson[]
    assert.deepEqual(
      index.map((page) => page['@name']),
      ['base', 'update'],
    )
    for (const page of index) assert.deepEqual(await wire.json(page['@id'] ?? ''), {})
    assert.equal((await wire.get('v3/vulnerabilities/other.json')).status, 404)
  })

  await t.test('the second protocol is not served', async () => {
    for (const path of ['', '$metadata', 'Packages()', 'v3/Search()', 'api/v2/package/']) {
      assert.equal((await wire.get(path)).status, 404, path)
    }
  })
}

async function identities(t: TestContext, { wire, yard }: Scene): Promise<void> {
  await t.test('an id and a version are found in any spelling, and shown in that of their publisher', async () => {
    await push(wire, { id: 'Newtonsoft.Json', version: '12.0.03.0', dependencies: { 'Acme.Leaf': '1.0' } })
    const input = { ...place, package: 'Newtonsoft.JSON', packageVersion: '12.0.3' }
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(input))
    assert.equal(packageVersion?.displayName, 'Newtonsoft.Json')
    assert.equal(packageVersion?.packageName, 'newtonsoft.json')
    assert.equal(packageVersion?.version, '12.0.3')
    assert.equal(packageVersion?.summary, 'About Newtonsoft.Json')
    const { assets } = await yard.sdk.send(new ListPackageVersionAssetsCommand(input))
    assert.deepEqual(
      assets?.map(({ name }) => name),
      ['newtonsoft.json.12.0.3.nupkg'],
    )
    const spelled = new GetPackageVersionAssetCommand({ ...input, asset: 'Newtonsoft.Json.12.0.3.nupkg' })
    await assert.rejects(yard.sdk.send(spelled), { name: 'ResourceNotFoundException' })
    const { dependencies } = await yard.sdk.send(new ListPackageVersionDependenciesCommand(input))
    assert.deepEqual(dependencies, [{ package: 'acme.leaf', versionRequirement: '[1.0.0, )' }])
    for (const path of ['newtonsoft.json/12.0.3', 'Newtonsoft.Json/12.0.03.0', 'newtonsoft.json/12.0.3.0']) {
      assert.equal((await wire.get(`v3/flatcontainer/${path}/newtonsoft.json.12.0.3.nupkg`)).status, 200, path)
    }
  })

  await t.test('versions that are equal to NuGet are one version', async () => {
    await push(wire, 'Same@1.0.7+r3456')
    for (const version of ['1.0.7', '1.0.7.0', '1.0.7+other', '01.0.7']) {
      const reply = await wire.push(makeNuget(`Same@${version}`).bytes)
      assert.equal(reply.status, 409, version)
      assert.match(reply.reason, /holds version 1\.0\.7 of nuget\/\/same already/)
    }
    assert.deepEqual(await yard.versions('main', 'same', 'nuget'), ['1.0.7 Published INTERNAL'])
  })
}

async function pushes(t: TestContext, { wire, yard }: Scene): Promise<void> {
  await t.test('a push may be repeated, and what it brought is there at once', async () => {
    const bytes = await push(wire, 'Again@1.0.0')
    assert.equal((await wire.push(bytes)).status, 200)
    assert.deepEqual((await wire.json('v3/flatcontainer/again/index.json')).versions, ['1.0.0'])
    assert.equal((await wire.json('v3/query?q=again')).totalHits, 1)
  })

  await t.test('a package alone is taken without a form, at the address without a slash', async () => {
    const { bytes } = makeNuget('Bare@1.0.0')
    const type = { 'content-type': 'application/octet-stream' }
    assert.equal((await wire.request('PUT', 'v3/package', type, bytes)).status, 201)
  })

  await t.test('a token in the header for keys needs no challenge', async () => {
    const keyed = new NugetWire(wire.endpoint, undefined)
    const headers = { 'x-nuget-apikey': await yard.token() }
    assert.equal((await keyed.push(makeNuget('Keyed@1.0.0').bytes, { headers })).status, 201)
    const wrong = await keyed.push(makeNuget('Keyed@2.0.0').bytes, { headers: { 'x-nuget-apikey': 'AZ-no-such-key' } })
    assert.equal(wrong.status, 401)
    assert.equal((await wire.push(makeNuget('Keyed@2.0.0').bytes, { headers: { 'x-nuget-apikey': 'AZ' } })).status, 201)
  })

  await t.test('symbols join their package, and are nobody else', async () => {
    await push(wire, 'Symbolic@1.0.0')
    const symbols = makeSymbols('Symbolic@1.0')
    const to = 'v3/symbol/'
    assert.equal((await wire.push(symbols, { to })).status, 201)
    assert.equal((await wire.push(symbols, { to })).status, 200)
    const stored = await wire.get('v3/flatcontainer/symbolic/1.0.0/symbolic.1.0.0.snupkg')
    assert.ok(stored.bytes.equals(symbols))
    const lonely = await wire.push(makeSymbols('Lonely@1.0'), { to })
    assert.equal(lonely.status, 404)
    assert.match(lonely.reason, /symbols need their package/)
    assert.equal((await wire.push(symbols)).status, 400)
    assert.equal((await wire.push(makeNuget('Symbolic@1.0.0').bytes, { to })).status, 400)
    assert.deepEqual((await wire.json('v3/flatcontainer/symbolic/index.json')).versions, ['1.0.0'])
  })
}

async function refusals(t: TestContext, { wire, yard }: Scene): Promise<void> {
  const good = makeNuget('Evil@1.0.0')
  const form = pushForm(good.bytes)
  for (const [what, type, body, status] of [
    ['nothing', 'application/octet-stream', Buffer.alloc(0), 400],
    ['no package', 'application/octet-stream', Buffer.from('hello'), 400],
    ['a form without a boundary', 'multipart/form-data', form.body, 400],
    ['a form without parts', 'multipart/form-data; boundary=x', Buffer.from('--x--\r\n'), 400],
    ['a form that is cut off', form.type, form.body.subarray(0, 300), 400],
    ['half a package', form.type, pushForm(good.bytes.subarray(0, 200)).body, 400],
    ['a bad id', form.type, pushForm(makeNuget('../evil@1.0.0').bytes).body, 400],
    ['a version without end', form.type, pushForm(makeNuget(`Evil@1.0.0-${'x'.repeat(70)}`).bytes).body, 400],
  ] as const) {
    await t.test(`${what} is refused in words`, async () => {
      const reply = await wire.request('PUT', 'v3/package/', { 'content-type': type }, body)
      assert.equal(reply.status, status)
      assert.ok(reply.reason.length > 15 && reply.text().startsWith(reply.reason.slice(0, 50)), reply.reason)
    })
  }
  assert.deepEqual(await yard.versions('main', 'evil', 'nuget'), [])
}

async function reads(t: TestContext, { wire, yard }: Scene): Promise<void> {
  const png = Buffer.from('\x89PNG rest', 'latin1')
  const bytes = await push(wire, {
    id: 'Shown',
    version: '1.0.0',
    metadata: [
      '<icon>i.png</icon><readme>docs/R.md</readme><license type="file">L.txt</license><tags>shiny</tags>',
      '<iconUrl>not an address</iconUrl>',
    ],
    dependencies: { Leaf: '[1.0,2.0)' },
    files: [
      { path: 'i.png', content: png },
      { path: 'docs/R.md', content: '# Shown' },
      { path: 'L.txt', content: 'Do as you like.' },
      { path: '.signature.p7s', content: 'signed', method: 'stored' },
    ],
  })
  const folder = 'v3/flatcontainer/shown/1.0.0/'

  await t.test('a package comes as it was pushed, signature and all', async () => {
    const reply = await wire.get(`${folder}shown.1.0.0.nupkg`)
    assert.ok(reply.bytes.equals(bytes))
    assert.equal(reply.headers.get('etag'), `"${createHash('sha256').update(bytes).digest('hex')}"`)
    assert.equal(reply.headers.get('content-encoding'), null)
    assert.equal((await wire.get(`${folder}shown.1.0.0.nupkg`, { range: 'bytes=0-1' })).text(), 'PK')
    assert.equal(
      (await wire.request('HEAD', `${folder}shown.1.0.0.nupkg`)).headers.get('content-length'),
      `${bytes.length}`,
    )
  })

  await t.test('what is inside is shown', async () => {
    assert.match((await wire.get(`${folder}shown.nuspec`)).text(), /<id>Shown<\/id>/)
    const icon = await wire.get(`${folder}icon`)
    assert.deepEqual([icon.headers.get('content-type'), icon.bytes.equals(png)], ['image/png', true])
    assert.equal((await wire.get(`${folder}readme`)).text(), '# Shown')
    assert.equal((await wire.get(`${folder}license`)).text(), 'Do as you like.')
    for (const file of ['other', 'constructor', 'shown.2.0.0.dll']) {
      assert.equal((await wire.get(folder + file)).status, 404, file)
    }
    const input = { ...place, package: 'shown', packageVersion: '1.0.0' }
    const { readme } = await yard.sdk.send(new GetPackageVersionReadmeCommand(input))
    assert.equal(readme, '# Shown')
  })

  await t.test('its registration says all of it, in both hives', async () => {
    for (const hive of ['registration4', 'registration4-semver1']) {
      const reply = await wire.get(`v3/${hive}/shown/index.json`)
      const [page] = reply.json().items ?? []
      const { catalogEntry: entry = {}, packageContent } = page?.items?.[0] ?? {}
      assert.equal(packageContent, `${wire.endpoint}${folder}shown.1.0.0.nupkg`)
      assert.deepEqual([page?.['lower'], page?.['upper'], page?.['count']], ['1.0.0', '1.0.0', 1])
      const { id, version, listed, authors, tags, iconUrl, readmeUrl, licenseUrl, dependencyGroups } = entry
      assert.deepEqual([id, version, listed, authors, tags], ['Shown', '1.0.0', true, 'Acme, Co', ['shiny']])
      assert.equal(iconUrl, `${wire.endpoint}${folder}icon`)
      assert.equal(readmeUrl, `${wire.endpoint}${folder}readme`)
      assert.equal(licenseUrl, `${wire.endpoint}${folder}license`)
      const registration = `${wire.endpoint}v3/${hive}/leaf/index.json`
      assert.deepEqual(dependencyGroups, [{ dependencies: [{ id: 'Leaf', range: '[1.0.0, 2.0.0)', registration }] }])
      const again = await wire.get(`v3/${hive}/shown/index.json`, { 'if-none-match': reply.headers.get('etag') ?? '' })
      assert.equal(again.status, 304)
      assert.equal(reply.headers.get('content-encoding'), 'gzip')
    }
  })

  await t.test('what is not there is missing, in words', async () => {
    const paths = [
      'flatcontainer/nothing/index.json',
      'registration4/nothing/index.json',
      'registration4/shown/9.9.9.json',
    ]
    for (const path of [...paths, 'flatcontainer/..%2f/index.json', 'registration4/shown/page/1.0.0/2.0.0.json']) {
      const reply = await wire.get(`v3/${path}`)
      assert.equal(reply.status, 404, path)
      assert.ok(reply.reason.length > 15, reply.reason)
    }
  })
}

async function listing(t: TestContext, { wire, yard }: Scene): Promise<void> {
  await push(wire, 'Hidden@1.0.0')
  await push(wire, 'Hidden@2.0.0')
  const leaf = async (version: string) => (await wire.json(`v3/registration4/hidden/${version}.json`))['listed']

  await t.test('a deleted version is unlisted: not searched, and still restored', async () => {
    assert.equal((await wire.request('DELETE', 'v3/package/Hidden/2.0')).status, 204)
    assert.equal((await wire.request('DELETE', 'v3/package/Hidden/2.0')).status, 204)
    assert.deepEqual(await yard.versions('main', 'hidden', 'nuget'), [
      '1.0.0 Published INTERNAL',
      '2.0.0 Unlisted INTERNAL',
    ])
    assert.deepEqual((await wire.json('v3/flatcontainer/hidden/index.json')).versions, ['1.0.0', '2.0.0'])
    assert.equal((await wire.get('v3/flatcontainer/hidden/2.0.0/hidden.2.0.0.nupkg')).status, 200)
    assert.deepEqual([await leaf('1.0.0'), await leaf('2.0.0')], [true, false])
    assert.equal((await wire.json('v3/query?q=hidden')).data?.[0]?.['version'], '1.0.0')
    assert.deepEqual((await wire.json('v3/autocomplete?id=Hidden')).data, ['1.0.0'])
  })

  await t.test('it is listed again by a POST', async () => {
    assert.equal((await wire.request('POST', 'v3/package/HIDDEN/2.0.0')).status, 200)
    assert.equal(await leaf('2.0.0'), true)
    assert.equal((await wire.json('v3/query?q=hidden')).data?.[0]?.['version'], '2.0.0')
  })

  await t.test('only what is here can be deleted', async () => {
    for (const path of ['Hidden/3.0.0', 'Nobody/1.0.0']) {
      assert.equal((await wire.request('DELETE', `v3/package/${path}`)).status, 404, path)
    }
    assert.equal((await wire.request('DELETE', 'v3/package/Hidden/v1')).status, 400)
  })

  await t.test('an Archived version is gone everywhere', async () => {
    const input = { ...place, package: 'hidden', versions: ['2.0.0'] }
    await yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...input, targetStatus: 'Archived' }))
    assert.deepEqual((await wire.json('v3/flatcontainer/hidden/index.json')).versions, ['1.0.0'])
    assert.equal((await wire.get('v3/flatcontainer/hidden/2.0.0/hidden.2.0.0.nupkg')).status, 404)
    assert.equal((await wire.get('v3/registration4/hidden/2.0.0.json')).status, 404)
  })
}

async function searches(t: TestContext, { wire }: Scene): Promise<void> {
  await push(wire, { id: 'Zoo.AnimalFarm', version: '1.0.0', metadata: ['<tags>pigs</tags><title>All equal</title>'] })
  await push(wire, 'Zoo.Keeper@1.0.0-rc')
  await push(wire, 'Zoo.Dotted@1.0.0-rc.1')
  await push(wire, 'Zoo.Dotted@0.9.0')
  const tool = '<packageTypes><packageType name="DotnetTool" /></packageTypes>'
  await push(wire, { id: 'Zoo.Tool', version: '1.0.0', metadata: [tool] })
  const ids = async (query: string) => (await wire.json(`v3/query?${query}`)).data?.map((hit) => hit['id'])

  await t.test('packages are found by the words of their ids, titles and tags', async () => {
    for (const [query, found] of Object.entries({
      'q=zoo': ['Zoo.AnimalFarm', 'Zoo.Dotted', 'Zoo.Tool'],
      'q=zoo&prerelease=true': ['Zoo.AnimalFarm', 'Zoo.Dotted', 'Zoo.Keeper', 'Zoo.Tool'],
      'q=farm': ['Zoo.AnimalFarm'],
      'q=ZOO.ANIMAL': ['Zoo.AnimalFarm'],
      'q=zoo.farm': ['Zoo.AnimalFarm'],
      'q=equal%20pigs': ['Zoo.AnimalFarm'],
      'q=tags:pigs': ['Zoo.AnimalFarm'],
      'q=author:acme%20farm': ['Zoo.AnimalFarm'],
      'q=packageid:zoo.tool': ['Zoo.Tool'],
      'q=packageid:zoo': [],
      'q=zoo*': ['Zoo.AnimalFarm', 'Zoo.Dotted', 'Zoo.Tool'],
      'q=zoo&packageType=dotnettool': ['Zoo.Tool'],
      'q=zoo&packageTypeFilter=DotnetTool': ['Zoo.Tool'],
      'q=zoo&packageType=Nothing': [],
      'q=zoo&skip=1&take=1': ['Zoo.Dotted'],
      'q=nomatch': [],
    })) {
      assert.deepEqual(await ids(query), found, query)
    }
    assert.equal((await wire.json('v3/query?q=zoo&take=0')).totalHits, 3)
    assert.equal((await wire.get('v3/query?q=zoo&skip=-1')).status, 400)
    assert.ok(((await wire.json('v3/query')).totalHits ?? 0) > 5)
  })

  await t.test('the newest version that may be seen is shown', async () => {
    const newest = async (query: string) => {
      return (await wire.json(`v3/query?q=packageid:zoo.dotted${query}`)).data?.[0]?.['version']
    }
    assert.equal(await newest(''), '0.9.0')
    assert.equal(await newest('&prerelease=true'), '0.9.0')
    assert.equal(await newest('&prerelease=true&semVerLevel=2.0.0'), '1.0.0-rc.1')
    const old = await wire.json('v3/registration4-semver1/zoo.dotted/index.json')
    assert.equal(old.items?.[0]?.['count'], 1)
    const current = await wire.json('v3/registration4/zoo.dotted/index.json')
    assert.equal(current.items?.[0]?.['count'], 2)
  })

  await t.test('ids and versions are completed', async () => {
    const found = await wire.json('v3/autocomplete?q=zoo&take=2')
    assert.deepEqual([found.totalHits, found.data], [3, ['Zoo.AnimalFarm', 'Zoo.Dotted']])
    assert.deepEqual((await wire.json('v3/autocomplete?id=Zoo.Dotted')).data, ['0.9.0'])
    const all = await wire.json('v3/autocomplete?id=Zoo.Dotted&prerelease=true&semVerLevel=2.0.0')
    assert.deepEqual(all.data, ['0.9.0', '1.0.0-rc.1'])
  })
}
