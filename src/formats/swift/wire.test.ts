import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import {
  CopyPackageVersionsCommand,
  DescribePackageVersionCommand,
  GetPackageVersionReadmeCommand,
  ListPackagesCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionDependenciesCommand,
  PublishPackageVersionCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact'
import { firstDomain, type Packyard } from '../../../test/support/packyard.ts'
import { testOnEachSetup } from '../../../test/support/setups.ts'
import { makeSwift, type SwiftInput } from '../../../test/support/swift-package.ts'
import { pathOf, type SwiftReply, SwiftWire } from '../../../test/support/swift-wire.ts'
import { manifestChoices, sameSources, samplePackages } from './conformance.ts'

interface Scene {
  readonly wire: SwiftWire
  readonly yard: Packyard
  readonly token: string
}

/** Every test below speaks to one server, each with packages of its own. */
testOnEachSetup('Swift on the wire', {}, async (t, setup) => {
  const yard = await setup.start({ processes: 1 })
  const token = await yard.token()
  const wire = new SwiftWire(await yard.endpoint('main', 'swift'), token)
  for (const [title, run] of Object.entries({ service, releases, manifests, archives, statuses, sources, elsewhere })) {
    await t.test(title, (inner) => run(inner, { wire, yard, token }))
  }
})

const place = { domain: firstDomain, repository: 'main', format: 'swift' } as const

async function publish(wire: SwiftWire, input: SwiftInput | string): Promise<Buffer> {
  const made = makeSwift(input)
  const reply = await wire.publish(made)
  assert.equal(reply.status, 201, reply.text())
  return made.bytes
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

function assertProblem(reply: SwiftReply, status: number, detail: RegExp): void {
  assert.equal(reply.status, status, reply.text())
  assert.equal(reply.headers.get('content-type'), 'application/problem+json')
  assert.equal(reply.headers.get('content-version'), '1')
  const problem = reply.json()
  assert.equal(problem['status'], status)
  assert.match(problem.detail ?? '', detail)
}

async function service(t: TestContext, { wire, token }: Scene): Promise<void> {
  await t.test('login and availability answer who has a token, in each of its forms', async () => {
    const forms = [`Bearer ${token}`, token]
    for (const user of ['token', 'aws', 'anybody']) {
      forms.push(`Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`)
    }
    for (const authorization of forms) {
      const login = await wire.request('POST', 'login', { authorization, accept: '*/*' })
      assert.deepEqual([login.status, login.headers.get('content-version')], [200, '1'])
      assert.equal((await wire.get('availability', { authorization })).status, 200)
    }
  })

  await t.test('who has none is told so, and never to try Basic', async () => {
    const stranger = new SwiftWire(wire.endpoint, undefined)
    for (const path of ['acme/none', 'acme/none/1.0.0', 'acme/none/1.0.0.zip', 'identifiers?url=x', 'availability']) {
      const reply = await stranger.get(path)
      assertProblem(reply, 401, /needs a token/)
      assert.equal(reply.headers.get('www-authenticate'), 'Bearer realm="packyard/main"')
    }
    assertProblem(await stranger.request('POST', 'login', { authorization: 'Bearer wrong' }), 401, /not a token/)
  })

  await t.test('the version of the protocol is agreed upon', async () => {
    await publish(wire, 'agreed.On@1.0.0')
    const ask = (accept: string) => wire.get('agreed/on', { accept })
    const good = ['*/*', 'application/*', 'application/vnd.swift.registry+json', 'application/vnd.swift.registry', '']
    good.push('application/vnd.swift.registry.v1', 'application/vnd.swift.registry.v2+json, application/json')
    good.push('application/vnd.swift.registry.v1+zip', 'Application/Vnd.Swift.Registry.V1+JSON;q=0.5')
    for (const accept of good) assert.equal((await ask(accept)).status, 200, accept)
    assertProblem(await ask('application/vnd.swift.registry.v2+json'), 415, /version v2 .* not served/)
    assertProblem(await ask('application/vnd.swift.registry.vX+json'), 400, /'vx' is no version/)
    assertProblem(await ask('application/vnd.swift.registry-v1+json'), 400, /no version/)
  })

  await t.test('what is nowhere is a problem too', async () => {
    for (const path of ['acme', 'acme/none/1.0.0/more', 'acme/none', 'acme/none/1.0.0', 'a_b/none', 'acme/none/1.0']) {
      assertProblem(await wire.get(path), 404, /./)
    }
    const other = await wire.request('DELETE', 'acme/none/1.0.0')
    assertProblem(other, 405, /DELETE is not served/)
    assert.equal(other.headers.get('allow'), 'GET, HEAD, PUT')
  })
}

async function releases(t: TestContext, { wire, yard }: Scene): Promise<void> {
  const metadata = {
    author: { name: 'Mona', organization: { name: 'Acme' } },
    description: 'A linked list',
    licenseURL: 'https://acme.example/licence',
    originalPublicationTime: '2020-02-03T04:05:06.789Z',
    repositoryURLs: ['https://git.example/mona/list.git'],
    unheard: { of: [1] },
  }
  const manifest = `// .package(id: "not.told", from: "1.0.0")
let package = Package(name: "LinkedList", dependencies: [
  .package(id: "mona.Other", from: "1.0.0"),
  .package(url: "https://git.example/x.git", .upToNextMinor(from: "2.1.0")),
])`
  const files = { 'README.md': '# Linked', 'LICENSE.txt': 'MIT' }
  const bytes = await publish(wire, { id: 'mona.LinkedList', version: '1.0.0', manifest, metadata, files })
  for (const version of ['1.10.0', '1.9.0', '2.0.0-beta.1', '1.0.0+7'])
    await publish(wire, `mona.LinkedList@${version}`)

  await t.test('a list has every release, highest first, and where they are', async () => {
    const reply = await wire.get('mona/LinkedList')
    const found = reply.json().releases ?? {}
    assert.deepEqual(Object.keys(found), ['2.0.0-beta.1', '1.10.0', '1.9.0', '1.0.0+7', '1.0.0'])
    assert.equal(found['1.0.0+7']?.url, `${wire.endpoint}mona/LinkedList/1.0.0%2B7`)
    assert.equal(reply.headers.get('content-type'), 'application/json')
    assert.equal(reply.headers.get('content-version'), '1')
    const latest = `<${wire.endpoint}mona/LinkedList/1.10.0>; rel="latest-version"`
    assert.equal(reply.headers.get('link'), latest)
    assert.deepEqual((await wire.get('MONA/linkedlist.json')).bytes, reply.bytes)
    const again = await wire.get('mona/LinkedList', { 'if-none-match': reply.headers.get('etag') ?? '' })
    assert.deepEqual([again.status, again.headers.get('content-version')], [304, '1'])
    const head = await wire.request('HEAD', 'mona/LinkedList')
    assert.deepEqual([head.status, head.headers.get('link'), head.bytes.length], [200, latest, 0])
  })

  await t.test('a release is told with its digest and its metadata', async () => {
    const reply = await wire.get('mona/linkedlist/1.0.0')
    const { originalPublicationTime: _, ...rest } = metadata
    const release = reply.json()
    assert.equal(release['id'], 'mona.LinkedList')
    assert.equal(release['version'], '1.0.0')
    assert.deepEqual(release.resources, [
      { name: 'source-archive', type: 'application/zip', checksum: sha256(bytes).toString('hex') },
    ])
    assert.deepEqual(release['metadata'], { ...rest, originalPublicationTime: '2020-02-03T04:05:06Z' })
    assert.match(String(release['publishedAt']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const link = reply.headers.get('link') ?? ''
    assert.match(link, /1\.10\.0>; rel="latest-version", <[^>]*1\.0\.0%2B7>; rel="successor-version"$/)
    assert.deepEqual((await wire.get('mona/linkedlist/1.0.0.json')).bytes, reply.bytes)
    assert.deepEqual((await wire.json('mona/linkedlist/1.0.0%2B7'))['metadata'], {})
  })

  await t.test('the operations tell what the release says of itself', async () => {
    const input = { ...place, namespace: 'Mona', package: 'LinkedList', packageVersion: '1.0.0' }
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(input))
    assert.partialDeepStrictEqual(packageVersion, {
      namespace: 'mona',
      packageName: 'linkedlist',
      displayName: 'mona.LinkedList',
      summary: 'A linked list',
      sourceCodeRepository: 'https://git.example/mona/list.git',
      licenses: [{ name: 'LICENSE.txt', url: 'https://acme.example/licence' }],
    })
    const { dependencies } = await yard.sdk.send(new ListPackageVersionDependenciesCommand(input))
    assert.deepEqual(dependencies, [
      {
        namespace: 'mona',
        package: 'Other',
        dependencyType: 'registry',
        versionRequirement: 'from: "1.0.0"',
      },
      {
        package: 'https://git.example/x.git',
        dependencyType: 'sourceControl',
        versionRequirement: '.upToNextMinor(from: "2.1.0")',
      },
    ])
    const { readme } = await yard.sdk.send(new GetPackageVersionReadmeCommand(input))
    assert.equal(readme, '# Linked')
    const { assets } = await yard.sdk.send(new ListPackageVersionAssetsCommand(input))
    assert.deepEqual(assets?.map(({ name }) => name).sort(), ['metadata.json', 'source-archive.zip'])
    const { packages } = await yard.sdk.send(new ListPackagesCommand({ ...place, namespace: 'mona' }))
    assert.deepEqual(
      packages?.map((each) => [each.namespace, each.package]),
      [['mona', 'linkedlist']],
    )
  })

  await t.test('packages are not published by the operation, and need their scope in all of them', async () => {
    const asset = { assetName: 'source-archive.zip', assetContent: bytes, assetSHA256: sha256(bytes).toString('hex') }
    const draft = { ...place, namespace: 'mona', package: 'x', packageVersion: '1.0.0', ...asset }
    await assert.rejects(yard.sdk.send(new PublishPackageVersionCommand(draft)), { name: 'ValidationException' })
    const unscoped = { ...place, package: 'linkedlist', packageVersion: '1.0.0' }
    await assert.rejects(yard.sdk.send(new DescribePackageVersionCommand(unscoped)), { name: 'ValidationException' })
  })
}

async function manifests(t: TestContext, { wire }: Scene): Promise<void> {
  const [, sample] = samplePackages
  assert.ok(sample)
  const odd = { 'Package@swift-5.8.swift': '// swift-tools-version:5.7\n', 'Package@swift-4.swift': 'let x = 1\n' }
  await publish(wire, { ...sample, files: { ...sample.files, ...odd } })
  const path = `${pathOf(sample).replace('+', '%2B')}/Package.swift`

  await t.test('the manifest tells which others there are, each by two numbers at least', async () => {
    const reply = await wire.get(path)
    assert.equal(reply.text(), sample.files['Package.swift'])
    assert.equal(reply.headers.get('content-type'), 'text/x-swift')
    assert.equal(reply.headers.get('content-version'), '1')
    assert.equal(reply.headers.get('content-disposition'), 'attachment; filename="Package.swift"')
    const alternate = (version: string) =>
      `<${wire.endpoint}${path}?swift-version=${version}>; rel="alternate"; ` +
      `filename="Package@swift-${version}.swift"; swift-tools-version="${version}"`
    assert.equal(reply.headers.get('link'), `${alternate('5.9')}, ${alternate('6.0')}`)
    const again = await wire.get(path, { 'if-none-match': reply.headers.get('etag') ?? '' })
    assert.equal(again.status, 304)
    assert.equal((await wire.request('HEAD', path)).headers.get('content-length'), String(reply.bytes.length))
  })

  await t.test(
    'tools get the manifest of their version, however many numbers it has, or are sent to the first',
    async () => {
      for (const [version, file] of Object.entries(manifestChoices)) {
        const reply = await wire.get(`${path}?swift-version=${version}`)
        if (file === undefined) {
          assert.equal(reply.status, 303, version)
          assert.equal(reply.headers.get('location'), `${wire.endpoint}${path}`)
          assert.equal(reply.headers.get('content-version'), '1')
        } else {
          assert.equal(reply.text(), sample.files[file], version)
          assert.equal(reply.headers.get('content-disposition'), `attachment; filename="${file}"`)
          assert.equal(reply.headers.get('link'), null)
        }
      }
      // One whose name says otherwise is found by both.
      for (const version of ['5.8', '5.7.0']) {
        assert.equal((await wire.get(`${path}?swift-version=${version}`)).text(), odd['Package@swift-5.8.swift'])
      }
      assertProblem(await wire.get(`${path}?swift-version=new`), 400, /swift-version 'new'/)
    },
  )

  await t.test('there is no manifest of what is not there', async () => {
    assertProblem(await wire.get('my-scope/none/1.0.0/Package.swift'), 404, /./)
    assertProblem(await wire.get('my-scope/my_package-2/9.0.0/Package.swift'), 404, /./)
  })
}

async function archives(t: TestContext, { wire }: Scene): Promise<void> {
  const bytes = await publish(wire, { id: 'Acme.Archive', version: '1.0.0', files: { noise: 'x'.repeat(100_000) } })

  await t.test('an archive comes as it was sent, with its digest, whole or in part', async () => {
    const reply = await wire.get('acme/archive/1.0.0.zip')
    assert.deepEqual(reply.bytes, bytes)
    const wanted = {
      'content-type': 'application/zip',
      'content-version': '1',
      'content-length': String(bytes.length),
      'content-disposition': 'attachment; filename="archive-1.0.0.zip"',
      'accept-ranges': 'bytes',
      digest: `sha-256=${sha256(bytes).toString('base64')}`,
      'x-swift-package-signature': null,
    }
    for (const [name, value] of Object.entries(wanted)) assert.equal(reply.headers.get(name), value, name)
    assert.match(reply.headers.get('cache-control') ?? '', /private.*immutable/)
    const part = await wire.get('acme/archive/1.0.0.zip', { range: 'bytes=10-19' })
    assert.deepEqual([part.status, part.bytes], [206, bytes.subarray(10, 20)])
    const again = await wire.get('acme/archive/1.0.0.zip', { 'if-none-match': reply.headers.get('etag') ?? '' })
    assert.deepEqual([again.status, again.headers.get('content-version')], [304, '1'])
    const head = await wire.request('HEAD', 'acme/archive/1.0.0.zip')
    assert.equal(head.headers.get('digest'), wanted.digest)
  })
}

async function statuses(t: TestContext, { wire, yard }: Scene): Promise<void> {
  const input = { ...place, namespace: 'acme', package: 'moved' }
  const move = (targetStatus: 'Unlisted' | 'Archived' | 'Published') =>
    yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...input, versions: ['1.1.0'], targetStatus }))
  for (const version of ['1.0.0', '1.1.0']) await publish(wire, `Acme.Moved@${version}`)

  await t.test('an Unlisted release is in no list, and there for who has locked it', async () => {
    await move('Unlisted')
    assert.deepEqual(Object.keys((await wire.json('acme/moved')).releases ?? {}), ['1.0.0'])
    for (const path of ['1.1.0', '1.1.0/Package.swift', '1.1.0.zip']) {
      assert.equal((await wire.get(`acme/moved/${path}`)).status, 200, path)
    }
  })

  await t.test('an Archived release is listed with the reason why nobody gets it', async () => {
    await move('Archived')
    const { releases: found = {} } = await wire.json('acme/moved')
    assert.deepEqual(found['1.1.0'], {
      problem: { status: 410, title: 'Gone', detail: 'the release is Archived in this repository' },
    })
    assert.ok(found['1.0.0']?.url)
    for (const path of ['1.1.0', '1.1.0/Package.swift', '1.1.0.zip']) {
      assertProblem(await wire.get(`acme/moved/${path}`), 404, /Archived/)
    }
    assertProblem(await wire.publish(makeSwift('Acme.Moved@1.1.0')), 409, /Archived/)
    await move('Published')
    assert.equal((await wire.get('acme/moved/1.1.0.zip')).status, 200)
  })
}

async function sources(t: TestContext, { wire, yard }: Scene): Promise<void> {
  const find = async (url: string) => {
    const reply = await wire.get(`identifiers?url=${url}`)
    if (reply.status === 200) return reply.json()['identifiers']
    assertProblem(reply, 404, /sources are at/)
    return []
  }
  const [first = '', ...others] = sameSources
  await publish(wire, { id: 'mona.Sourced', version: '1.0.0', metadata: { repositoryURLs: [first] } })

  await t.test('a package is found by any address of its sources, encoded or not', async () => {
    for (const url of [first, ...others, encodeURIComponent(first)]) assert.deepEqual(await find(url), ['mona.Sourced'])
    assert.deepEqual(await find('https://github.example/mona/Other'), [])
    assertProblem(await wire.get('identifiers'), 400, /url/)
  })

  await t.test('packages that share their sources are all told, until they are gone', async () => {
    await publish(wire, { id: 'mona.Also', version: '1.0.0', metadata: { repositoryURLs: others } })
    assert.deepEqual(await find(first), ['mona.Also', 'mona.Sourced'])
    const gone = { ...place, namespace: 'mona', package: 'also', versions: ['1.0.0'] }
    await yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...gone, targetStatus: 'Archived' }))
    assert.deepEqual(await find(first), ['mona.Sourced'])
  })
}

async function elsewhere(t: TestContext, { wire, yard, token }: Scene): Promise<void> {
  await yard.createRepository('behind', [])
  await yard.createRepository('before', ['behind'])
  const behind = new SwiftWire(await yard.endpoint('behind', 'swift'), token)
  const before = new SwiftWire(await yard.endpoint('before', 'swift'), token)
  const repositoryURLs = ['https://git.example/behind']
  const bytes = await publish(behind, { id: 'far.Away', version: '1.0.0', metadata: { repositoryURLs } })

  await t.test('what an upstream repository has is told as being here, and kept once it was downloaded', async () => {
    const { releases: found = {} } = await before.json('far/away')
    assert.equal(found['1.0.0']?.url, `${before.endpoint}far/Away/1.0.0`)
    assert.deepEqual((await before.json('identifiers?url=https://git.example/behind'))['identifiers'], ['far.Away'])
    assert.deepEqual(await yard.versions('before', '@far/away', 'swift'), [])
    assert.equal((await before.get('far/away/1.0.0/Package.swift')).status, 200)
    assert.deepEqual((await before.get('far/away/1.0.0.zip')).bytes, bytes)
    assert.deepEqual(await yard.versions('before', '@far/away', 'swift'), ['1.0.0 Published INTERNAL'])
  })

  await t.test('a release is copied with all that belongs to it', async () => {
    const copy = {
      domain: firstDomain,
      sourceRepository: 'behind',
      destinationRepository: 'main',
      format: 'swift',
    } as const
    const input = { ...copy, namespace: 'far', package: 'away', versions: ['1.0.0'] }
    await yard.sdk.send(new CopyPackageVersionsCommand(input))
    assert.deepEqual((await wire.json('far/away/1.0.0'))['metadata'], { repositoryURLs })
    assert.deepEqual((await wire.get('far/away/1.0.0.zip')).bytes, bytes)
  })
}
