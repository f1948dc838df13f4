import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { makeNuget, makeSymbols, type NugetInput } from '../../../test/support/nuget-package.ts'
import { packZip, type ZipEntry, type ZipOptions } from '../../../test/support/zip-archive.ts'
import type { AssetSource } from '../../registry/format.ts'
import { mergeEntries, readEntry, refreshEntry } from './entry.ts'
import { readFacts } from './facts.ts'
import { inspect, readPackage, readSymbols } from './inspect.ts'
import { readNuspec } from './nuspec.ts'

function assetOf(bytes: Buffer, name = 'a.1.0.0.nupkg'): AssetSource {
  return { name, sizeBytes: bytes.length, open: (start = 0) => Readable.from([bytes.subarray(start)]) }
}

const rich: NugetInput = {
  id: 'Acme.Rich',
  version: '01.2.0-Beta.1+build',
  metadata: [
    '<title>Rich &amp; famous</title><summary>Short</summary><tags>one two,three</tags>',
    '<license type="expression">MIT</license><licenseUrl>https://licenses.example/MIT</licenseUrl>',
    '<icon>images\\icon.png</icon><readme>docs/README.md</readme><projectUrl>https://acme.example/</projectUrl>',
    '<repository type="git" url="https://git.example/rich.git" commit="abc" />',
    '<packageTypes><packageType name="DotnetTool" /></packageTypes>',
    '<requireLicenseAcceptance>true</requireLicenseAcceptance>',
    '<dependencies><group targetFramework=".NETStandard2.0"><dependency id="Leaf" version="1.0" include="All" /></group>',
    '<group targetFramework="net8.0" /></dependencies>',
  ],
  files: [
    { path: 'images/icon.png', content: 'png' },
    { path: 'docs/README.md', content: '# Rich' },
  ],
}

test('a package says what it is', async () => {
  const { entry, readme } = await readPackage(assetOf(makeNuget(rich).bytes), 'strict')
  assert.equal(readme, '# Rich')
  assert.deepEqual([entry.id, entry.version, entry.title], ['Acme.Rich', '01.2.0-Beta.1+build', 'Rich & famous'])
  assert.deepEqual(entry.tags, ['one', 'two', 'three'])
  assert.deepEqual([entry.icon, entry.readme], ['images/icon.png', 'docs/README.md'])
  assert.deepEqual(entry.packageTypes, ['DotnetTool'])
  assert.equal(entry.requireLicenseAcceptance, true)
  assert.deepEqual(entry.dependencyGroups, [
    { targetFramework: '.NETStandard2.0', dependencies: [{ id: 'Leaf', range: '[1.0.0, )' }] },
    { targetFramework: 'net8.0', dependencies: [] },
  ])
  assert.deepEqual(readFacts(JSON.parse(JSON.stringify(entry))), {
    displayName: 'Acme.Rich',
    summary: 'Short',
    homePage: 'https://acme.example/',
    sourceCodeRepository: 'https://git.example/rich.git',
    licenses: [{ name: 'MIT' }],
    dependencies: [{ package: 'leaf', versionRequirement: '[1.0.0, )' }],
  })
})

test('a flat list of dependencies is for every framework', async () => {
  const made = makeNuget({ id: 'a', version: '1.0.0', dependencies: { Leaf: '[1.0,2.0)', Other: '' } })
  const { entry } = await readPackage(assetOf(made.bytes), 'strict')
  assert.deepEqual(entry.dependencyGroups, [
    {
      targetFramework: '',
      dependencies: [
        { id: 'Leaf', range: '[1.0.0, 2.0.0)' },
        { id: 'Other', range: '(, )' },
      ],
    },
  ])
})

const nuspec = makeNuget('a@1.0.0').nuspec

test('hostile packages are refused by name', async (t) => {
  const evil: Readonly<Record<string, readonly [RegExp, Buffer]>> = {
    'no archive': [/not a sound zip archive/, Buffer.from('PK is not enough')],
    'an empty archive': [/no \.nuspec/, packZip([])],
    'no nuspec at the root': [/no \.nuspec/, packZip([{ path: 'x/a.nuspec', content: nuspec }])],
    'two manifests': [/more than one \.nuspec/, hostile({ path: 'b.nuspec', content: nuspec })],
    'the same path twice': [/twice/, hostile({ path: 'lib/a' }, { path: 'lib/a' })],
    'the same path in another case': [/twice, but for its case/, hostile({ path: 'lib/a' }, { path: 'LIB/A' })],
    'the same path, encoded': [/twice, but for its case/, hostile({ path: 'lib/a b' }, { path: 'lib/a%20b' })],
    'a path outside': [/not a sound zip|outside of itself/, hostile({ path: '../a' })],
    'an encoded path outside': [/outside of itself/, hostile({ path: 'lib/%2e%2e/%2e%2e/a' })],
    'an absolute path': [/not a sound zip|outside/, hostile({ path: '/etc/passwd' })],
    'a drive': [/not a sound zip|outside/, hostile({ path: 'C:/a' })],
    'an encoded drive': [/outside/, hostile({ path: 'c%3A/a' })],
    'a link': [/a link/, hostile({ path: 'l', content: 'x', mode: 0o120777 })],
    'an encrypted entry': [/encrypted/, hostile({ path: 'e', content: 'x', flags: 1 })],
    'a size that lies': [
      /not a sound zip|says two things/,
      hostile({ path: 'e', content: 'x'.repeat(99), claimedBytes: 3 }),
    ],
    'another name before the data': [/says two things/, hostile({ path: 'aa', localPath: 'bb' })],
    'bytes between entries': [/belong to no entry/, hostile({ path: 'e', gap: Buffer.from('gap') })],
    'an archive that is mostly air': [/unpacks to/, hostile({ path: 'bomb', content: Buffer.alloc(80 * 1024 * 1024) })],
    'an icon that is not there': [/icon 'x.png'/, made('<icon>x.png</icon>')],
    'a licence that is not there': [/license 'L'/, made('<license type="file">L</license>')],
    'a readme that is not there': [/readme 'R.md'/, made('<readme>R.md</readme>')],
    'a readme without end': [/readme cannot be shown/, tooLongReadme()],
    'a document type': [
      /document type/,
      ofNuspec(nuspec.replace('<package', '<!DOCTYPE p [<!ENTITY x "y">]><package')),
    ],
    'no XML': [/not XML|cut off/, ofNuspec('hello')],
    'another document': [/package id ''/, ofNuspec('<project><metadata/></project>')],
    'a bad id': [/package id '\.\.\/x'/, ofNuspec(nuspec.replace('<id>a<', '<id>../x<'))],
    'a bad version': [/version 'v1'/, ofNuspec(nuspec.replace('1.0.0', 'v1'))],
    'a floating dependency': [
      /version of dependency 'x'/,
      made('<dependencies><dependency id="x" version="1.*"/></dependencies>'),
    ],
    'a dependency without a name': [/package id ''/, made('<dependencies><dependency version="1"/></dependencies>')],
    'a description without end': [/description .* at most 4000/, ofNuspec(nuspec.replace('About', 'x'.repeat(4001)))],
    symbols: [/symbol package/, makeSymbols('a@1.0.0')],
  }
  for (const [what, [message, bytes]] of Object.entries(evil)) {
    await t.test(what, () => assert.rejects(readPackage(assetOf(bytes), 'strict'), { kind: 'invalid', message }))
  }
})

function hostile(...entries: readonly ZipEntry[]): Buffer {
  return packZip([{ path: 'a.nuspec', content: nuspec }, ...entries])
}

function made(metadata: string): Buffer {
  return makeNuget({ id: 'a', version: '1.0.0', metadata: [metadata] }).bytes
}

function ofNuspec(text: string, options: ZipOptions = {}): Buffer {
  return packZip([{ path: 'a.nuspec', content: text }], options)
}

function tooLongReadme(): Buffer {
  const files = [{ path: 'R.md', content: 'x'.repeat(1024 * 1024 + 1) }]
  return makeNuget({ id: 'a', version: '1.0.0', metadata: ['<readme>R.md</readme>'], files }).bytes
}

test('symbols are told from what is called so', async () => {
  assert.equal((await readSymbols(assetOf(makeSymbols('a@1.0')))).version, '1.0')
  await assert.rejects(readSymbols(assetOf(makeNuget('a@1.0').bytes)), { kind: 'invalid', message: /must be a \.pdb/ })
  const plain = packZip([{ path: 'a.nuspec', content: nuspec }])
  await assert.rejects(readSymbols(assetOf(plain)), { kind: 'invalid', message: /SymbolsPackage/ })
  assert.equal(await inspect(assetOf(makeSymbols('a@1.0'), 'a.1.0.0.snupkg')), undefined)
})

test('whatever stands in a nuspec or an archive, it is read or refused', async () => {
  const parts = [
    '<metadata>',
    '</metadata>',
    '<id>',
    'x',
    '<dependencies>',
    '<dependency id="__proto__" version="["/>',
    '&amp;',
    '&',
    '<!--',
    ']]>',
    '"',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), (texts) => {
      const text = nuspec.replace('<authors>', `${texts.join('')}<authors>`)
      try {
        readFacts(readNuspec(Buffer.from(text), 'lenient'))
      } catch (error) {
        assert.equal((error as { kind?: string }).kind, 'invalid', String(error))
      }
    }),
  )
  const { bytes } = makeNuget(rich)
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), async (at, byte, isCut) => {
      const changed = Buffer.from(isCut ? bytes.subarray(0, at) : bytes)
      if (!isCut) changed[at] = byte
      await readPackage(assetOf(changed), 'strict').catch((error: Error & { kind?: string }) => {
        assert.equal(error.kind, 'invalid', error.message)
      })
    }),
    { numRuns: 200 },
  )
})

test('what a package says joins what an index said, and what may change outside changes', () => {
  const indexed = readEntry({ id: 'A', version: '1.0.0', icon: '', title: 'from outside', isUnlisted: true })
  const inside = readEntry({
    id: 'a',
    version: '1.0.0',
    icon: 'i.png',
    title: 'inside',
    repositoryUrl: 'https://git.example',
  })
  const merged = readEntry(mergeEntries(indexed, inside))
  assert.deepEqual([merged.id, merged.title, merged.icon], ['A', 'from outside', 'i.png'])
  assert.equal(merged.repositoryUrl, 'https://git.example')
  const deprecation = { reasons: ['Legacy'] }
  const current = readEntry({ ...indexed, title: 'other', isUnlisted: false, deprecation })
  const refreshed = readEntry(refreshEntry(merged, current))
  assert.deepEqual([refreshed.title, refreshed.isUnlisted, refreshed.deprecation], ['from outside', false, deprecation])
  assert.equal(readEntry(refreshEntry(refreshed, indexed)).deprecation, undefined)
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => void readFacts(refreshEntry(mergeEntries(a, b), b))))
})
